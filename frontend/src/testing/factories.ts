import type { BankAccountFieldsFragment } from '@/graphql/generated/operations';

type Account = BankAccountFieldsFragment & { __typename: 'BankAccount' };
type Status = Account['status'];

const ALLOWED = (right: 'BANKS' | 'ACCOUNTS', allowed = true) => ({
  __typename: 'Permission' as const,
  right,
  allowed,
  blockedReason: allowed ? null : 'Needs the administrator role.',
});

export function makeStatus(given: Partial<Status> = {}): Status {
  return {
    __typename: 'LinkStatus',
    code: 'OK',
    activity: 'IDLE',
    severity: 'OK',
    label: 'All Data Received',
    detail: 'Everything that the bank offered is here.',
    since: '2026-11-18T12:00:00.000Z',
    lastGoodAt: '2026-11-18T12:00:00.000Z',
    nextTryAt: null,
    providerCode: null,
    providerMessage: null,
    requestId: null,
    action: 'NONE',
    actionLabel: null,
    actor: 'NOBODY',
    refresh: null,
    ...given,
  } as Status;
}

export function makeLink(id: string, { accountCount = 1, allowed = true } = {}) {
  return {
    __typename: 'BankLink' as const,
    id,
    aggregatorId: `item-${id}`,
    name: `Chase – ${id}`,
    revision: 1,
    accountCount,
    viewerCan: [ALLOWED('BANKS', allowed)],
  };
}

export function makeAccount(id: string, given: Partial<Account> = {}): Account {
  return {
    __typename: 'BankAccount',
    id,
    aggregatorId: `acc-${id}`,
    name: id,
    bankName: id.toUpperCase(),
    memo: null,
    number: '4021',
    type: 'BANK',
    subtype: 'checking',
    currency: 'USD',
    feedState: 'OPEN',
    nextUpdateAt: null,
    lastUpdateAt: null,
    startOn: null,
    untiedBecause: null,
    revision: 1,
    viewerCan: [ALLOWED('BANKS'), ALLOWED('ACCOUNTS')],
    bankLink: makeLink('jdoe'),
    institution: { __typename: 'Institution', id: 'i1', aggregatorId: 'ins_56', name: 'Chase' },
    status: makeStatus(),
    currentBalance: {
      __typename: 'Balance',
      amount: { __typename: 'Money', amount: '84210.55', currency: 'USD' },
      kind: 'HELD',
      asOf: null,
      receivedAt: '2026-11-18T12:00:00.000Z',
    },
    availableBalance: null,
    creditLimit: null,
    ledgerAccount: null,
    ...given,
  } as Account;
}

/** One page of a connection, as the API answers it. */
export function connectionOf<Node>(typename: string, nodes: Node[], next: string | null = null) {
  return {
    __typename: `${typename}Connection`,
    nodes,
    pageInfo: { __typename: 'PageInfo', hasNextPage: next !== null, endCursor: next },
    totalCount: nodes.length,
  };
}
