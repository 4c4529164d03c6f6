import type { LineFieldsFragment, OpenLineFragment } from '@/graphql/generated/operations';

type Line = LineFieldsFragment & { __typename: 'BankTransaction' };
type Suggestion = Line['suggestions'][number];

export const money = (amount: string, currency = 'USD') => ({
  __typename: 'Money' as const,
  amount,
  currency,
});

/** A bank line that is for review, as the API answers it. */
export function makeLine(id: string, given: Partial<Line> = {}): Line {
  const amount = given.amount ?? money('-22.10');
  return {
    __typename: 'BankTransaction',
    id,
    pending: false,
    datedOn: '2026-11-18',
    postedOn: '2026-11-18',
    occurredOn: null,
    amount,
    description: `LINE ${id.toUpperCase()}`,
    bankDescription: null,
    counterparty: null,
    checkNumber: null,
    category: null,
    revision: 1,
    state: 'REVIEW',
    reconciled: money('0.00', amount.currency),
    remainder: amount,
    comment: null,
    toCheck: false,
    bookable: true,
    blockedReason: null,
    exclusion: null,
    preparedCoding: null,
    reviewItem: null,
    suggestions: [],
    ...given,
  };
}

/** An open line of the books on the bank's ledger account. */
export function makeOpenLine(id: string, open: string, given: object = {}): OpenLineFragment {
  return {
    __typename: 'JournalLine',
    id,
    amount: money(open),
    open: money(open),
    memo: null,
    postedOn: '2026-11-17',
    ledgerAccount: { __typename: 'LedgerAccount', id: 'l1', number: '1010', name: 'Operating Account' },
    journalEntry: {
      __typename: 'JournalEntry',
      id: `e-${id}`,
      number: `2026-${id}`,
      postedOn: '2026-11-17',
      reference: null,
      memo: 'Invoice',
      contact: 'ACME Corp',
    },
    ...given,
  } as OpenLineFragment;
}

/** A suggestion to match these open lines; `preselect` as given. */
export function suggestMatch(lines: OpenLineFragment[], preselect = true): Suggestion {
  return {
    __typename: 'Suggestion',
    id: `match-${lines.map(({ id }) => id).join()}`,
    kind: 'MATCH',
    score: 96,
    preselect,
    reasons: [{ __typename: 'SuggestionReason', code: 'AMOUNT', text: 'Same amount' }],
    journalItems: lines.map((journalLine) => ({
      __typename: 'MatchJournalItem',
      amount: journalLine.open,
      journalLine,
    })),
    coding: null,
    otherTransaction: null,
  } as unknown as Suggestion;
}

export function makeAct(id: string, kind = 'MATCH') {
  return {
    __typename: 'Act',
    id,
    kind,
    actedAt: '2026-11-18T12:00:00.000Z',
    undoneAt: null,
    revision: 1,
    actor: { __typename: 'Actor', name: 'Ada Abbott' },
    undoneBy: null,
  };
}
