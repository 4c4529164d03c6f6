import { formatDate } from '@/lib/dates';
import { formatSigned, isZero } from '@/lib/money';
import type { Line, OpenLine, Suggestion } from './outcome';

/** The line as a sentence names it: "ACME CORP +4,200.00". */
export const nameOf = ({ description, amount }: Line): string =>
  `${description} ${formatSigned(amount.amount)}`;

/** A partly reconciled line has some of both. */
export const isPartly = ({ reconciled, remainder }: Line): boolean =>
  !isZero(reconciled.amount) && !isZero(remainder.amount);

/** "18 Nov" of "2026-11-18": the list of one year needs no year. */
export const shortDate = (date: string): string => formatDate(date).replace(/ \d{4}$/, '');

/** What an entry is called where it has no number yet. */
export const entryName = ({ journalEntry: { number, reference } }: Pick<OpenLine, 'journalEntry'>): string =>
  number ?? reference ?? 'Draft';

/** What the other side of an entry's line says of itself: contact, memo or reference. */
export const entryWords = ({ memo, journalEntry }: OpenLine): string =>
  [journalEntry.contact, memo ?? journalEntry.memo, journalEntry.reference].filter(Boolean).join(' · ');

/** What a suggestion proposes, in a few words. */
export function proposalWords({ kind, journalItems, coding, otherTransaction }: Suggestion): string {
  if (kind === 'MATCH') {
    const [first] = journalItems;
    if (journalItems.length > 1) return `${journalItems.length} entries`;
    return first ? `${entryName(first.journalLine)} ${entryWords(first.journalLine)}`.trim() : 'An entry';
  }
  if (kind === 'TRANSFER')
    return `Transfer ${otherTransaction?.bankAccount ? `with ${otherTransaction.bankAccount.name}` : ''}`.trim();
  const accounts = (coding?.lines ?? []).map(({ ledgerAccount }) =>
    ledgerAccount ? `${ledgerAccount.number} ${ledgerAccount.name}` : 'An account that is gone',
  );
  return accounts.join(', ') || 'A coding';
}

export const reasonWords = ({ reasons }: Suggestion): string => reasons.map(({ text }) => text).join(' · ');

/** "Operating ••4021". */
export const accountWords = ({ name, number }: { name: string; number: string | null }): string =>
  number ? `${name} ••${number}` : name;
