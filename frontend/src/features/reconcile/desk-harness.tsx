import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { LineFieldsFragment } from '@/graphql/generated/operations';
import { makeAct, makeLine, makeOpenLine, money, suggestMatch } from '@/testing/bank-lines';
import { connectionOf, makeAccount } from '@/testing/factories';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { ReconcilePage } from './reconcile-page';

type Line = LineFieldsFragment;
type Asked = Record<string, unknown>;

const ledger = {
  __typename: 'LedgerAccount',
  id: 'l1',
  number: '1010',
  name: 'Operating Account',
  type: 'ASSET',
  currency: 'USD',
};
const fees = {
  ...ledger,
  id: 'l9',
  number: '6100',
  name: 'Bank Fees',
  type: 'EXPENSE',
  currency: null,
  bankAccount: null,
};
const rent = { ...fees, id: 'l8', number: '6200', name: 'Rent' };
const operating = makeAccount('a1', {
  name: 'Operating',
  startOn: '2026-10-31',
  ledgerAccount: ledger as never,
});

/** Lines as a server keeps them: an act takes them to another state, and their revision grows. */
class KeptLines {
  private readonly kept: Map<string, Line>;

  constructor(lines: Line[]) {
    this.kept = new Map(lines.map((line) => [line.id, line]));
  }

  get = (id: string) => this.kept.get(id);
  in = (states: readonly string[]) => [...this.kept.values()].filter(({ state }) => states.includes(state));

  settle = (id: string, state: Line['state'] = 'RECONCILED'): Line => {
    const before = this.kept.get(id);
    if (!before) throw new Error(`There is no line ${id}.`);
    const after: Line = { ...before, state, revision: before.revision + 1, bookable: state === 'REVIEW' };
    this.kept.set(id, after);
    return after;
  };

  /** The answer of an act that was done to these lines. */
  done = (typename: string, items: { bankTransactionId: string }[], kind: string, state?: Line['state']) => {
    const ids = items.map(({ bankTransactionId }) => bankTransactionId);
    const act = makeAct(`act-${ids.join()}`, kind);
    const bankTransactions = ids.map((id) => this.settle(id, state));
    return { answer: { __typename: typename, replayed: false, act, bankTransactions, errors: [] } };
  };

  /** The answer of a decision about the first line that waits for one. */
  decided = (typename: string, state?: Line['state']) => {
    const items = this.in(['UNDECIDED']).slice(0, 1);
    return this.done(
      typename,
      items.map(({ id }) => ({ bankTransactionId: id })),
      'DECIDE',
      state,
    );
  };

  counts = () => ({
    __typename: 'ReconciliationCounts',
    review: this.in(['REVIEW']).length,
    toCheck: this.in(['TO_CHECK']).length,
    reconciled: this.in(['RECONCILED']).length,
    excluded: this.in(['EXCLUDED']).length,
    undecided: this.in(['UNDECIDED']).length,
    pending: this.in(['PENDING']).length,
  });
}

interface Around {
  /** Open lines of the books. */
  open?: unknown[];
  /** How many lines are open before the range. */
  older?: number;
  /** Up to which difference one may write off, in USD. */
  writeOffLimit?: string;
}

const reads = (kept: KeptLines, { open = [], older = 0, writeOffLimit = '0.00' }: Around) => ({
  ReconcileAccounts: () => ({ bankAccounts: connectionOf('BankAccount', [operating]) }),
  ReconcileBooks: () => ({
    books: {
      __typename: 'Books',
      baseCurrency: 'USD',
      firstOpenOn: null,
      writeOffLimit: money(writeOffLimit),
      lastRates: [{ __typename: 'EntryRate', currency: 'EUR', rate: '1.0845', rateOn: '2026-11-01' }],
    },
  }),
  Reconciliation: () => ({
    reconciliation: {
      __typename: 'Reconciliation',
      startOn: '2026-10-31',
      total: kept.in(['REVIEW', 'TO_CHECK', 'RECONCILED', 'EXCLUDED', 'UNDECIDED']).length,
      olderOpen: older,
      olderOpenFrom: older > 0 ? '2026-10-12' : null,
      openAmount: money('0.00'),
      counts: kept.counts(),
    },
  }),
  ReconcileLines: ({ where }: Asked) => {
    const { state } = where as { state: { in: string[] } };
    const transactions = connectionOf('BankTransaction', kept.in(state.in));
    return { bankAccount: { __typename: 'BankAccount', id: 'a1', transactions } };
  },
  LineInHand: ({ id }: Asked) => ({ bankTransaction: { ...kept.get(id as string), matches: [] } }),
  OtherLines: ({ where }: Asked) => {
    const { state } = where as { state: { in: string[] } };
    return {
      bankAccount: {
        __typename: 'BankAccount',
        id: 'a1',
        transactions: connectionOf('BankTransaction', kept.in(state.in)),
      },
    };
  },
  OpenJournalLines: () => ({ openJournalLines: connectionOf('JournalLine', open) }),
  CodingAccounts: ({ search }: Asked) => {
    const words = (search as string | null) ?? '';
    const found = [fees, rent].filter(({ number, name }) => `${number} ${name}`.includes(words));
    return { ledgerAccounts: connectionOf('LedgerAccount', found) };
  },
});

interface Item {
  bankTransactionId: string;
}
interface Sent extends Item {
  actId: string;
  items: Item[];
  bankItems: Item[];
}
const of = ({ input }: Asked) => input as Sent;

const acts = (kept: KeptLines) => ({
  MatchTransactions: (asked: Asked) => kept.done('MatchTransactionsPayload', of(asked).bankItems, 'MATCH'),
  BookTransaction: (asked: Asked) => kept.done('BookTransactionPayload', [of(asked)], 'BOOK'),
  RestoreTransactions: (asked: Asked) =>
    kept.done('RestoreTransactionsPayload', of(asked).items, 'RESTORE', 'REVIEW'),
  TransferTransaction: (asked: Asked) => kept.done('TransferTransactionPayload', [of(asked)], 'TRANSFER'),
  KeepOurs: () => {
    const [bankTransaction] = kept.in(['UNDECIDED']).map(({ id }) => kept.settle(id));
    return { answer: { __typename: 'KeepOursPayload', bankTransaction, errors: [] } };
  },
  AcceptBankChange: () => kept.decided('AcceptBankChangePayload', 'REVIEW'),
  AdjustBankChange: () => kept.decided('AdjustBankChangePayload'),
  RebookBankChange: () => kept.decided('RebookBankChangePayload'),
  MarkDuplicate: () => kept.decided('MarkDuplicatePayload', 'EXCLUDED'),
  ExcludeTransactions: (asked: Asked) =>
    kept.done('ExcludeTransactionsPayload', of(asked).items, 'EXCLUDE', 'EXCLUDED'),
  AnnotateTransaction: (asked: Asked) => {
    const bankTransaction = kept.settle(of(asked).bankTransactionId, 'TO_CHECK');
    return { answer: { __typename: 'AnnotateTransactionPayload', bankTransaction, errors: [] } };
  },
  UndoPreview: () => {
    const effects = [{ __typename: 'UndoEffect', kind: 'UNMATCH', text: 'The match is undone.' }];
    return { undoPreview: { __typename: 'UndoPreview', token: 'sure', blockedReason: null, effects } };
  },
  Undo: (asked: Asked) => {
    const ids = of(asked).actId.replace('act-', '').split(',');
    return kept.done(
      'UndoPayload',
      ids.map((id) => ({ bankTransactionId: id })),
      'UNDO',
      'REVIEW',
    );
  },
});

/** A server that keeps these lines. */
export function serve(lines: Line[], around: Around = {}) {
  const kept = new KeptLines(lines);
  return { kept, server: new FakeServer({ ...reads(kept, around), ...acts(kept) }) };
}

/** Opens the page on such a server. */
export function begin(lines: Line[], path = '/reconcile/a1', around: Around = {}) {
  const { kept, server } = serve(lines, around);
  const page = <ReconcilePage params={{ account: 'a1' }} />;
  return { server, user: userEvent.setup(), settle: kept.settle, ...renderPage(page, { server, path }) };
}

export const list = () => screen.findByRole('listbox', { name: 'Bank lines' });
export const option = (name: RegExp) => screen.findByRole('option', { name });
export const inHand = async () => (await list()).querySelector('[aria-current="true"]')?.textContent ?? '';
export const pane = (name: RegExp) => screen.findByRole('article', { name });
export const said = () => screen.getByTestId('announcer').textContent;
export const inputOf = (server: FakeServer, name: string) =>
  server.variablesOf(name).map(({ input }) => input as Record<string, unknown>);

const je = makeOpenLine('0001', '4200.00');
export const acme = makeLine('acme', {
  description: 'ACME CORP',
  datedOn: '2026-11-16',
  amount: money('4200.00'),
  suggestions: [suggestMatch([je])],
});
export const fee = makeLine('fee', {
  description: 'CHASE FEE',
  datedOn: '2026-11-17',
  amount: money('-15.00'),
});
export const uber = makeLine('uber', { description: 'UBER', datedOn: '2026-11-18' });

/** Puts the focus on the list with this line in hand. */
export async function take(user: ReturnType<typeof userEvent.setup>, name: RegExp, title = name) {
  await user.click(await option(name));
  await pane(title);
  (await list()).focus();
}
