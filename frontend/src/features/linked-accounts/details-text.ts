import type { BankAccountRow } from './account-words';

/** What one sends to whoever helps: no balance, no credentials, all that names the failure. */
export function detailsText({ name, number, bankLink, institution, status }: BankAccountRow): string {
  const facts: [string, string | null | undefined][] = [
    ['Account', number ? `${name} ••${number}` : name],
    ['Provider', institution && `${institution.name} (${institution.aggregatorId})`],
    ['Account ID', bankLink?.aggregatorId],
    ['Status', `${status.label} (${status.code})`],
    ['Detail', status.detail],
    ['Code', status.providerCode],
    ['Bank says', status.providerMessage],
    ['Request', status.requestId],
    ['Refresh', status.refresh?.id],
    ['Since', status.since],
    ['Last good', status.lastGoodAt],
    ['Next try', status.nextTryAt],
  ];
  return facts.flatMap(([fact, value]) => (value ? [`${fact}: ${value}`] : [])).join('\n');
}
