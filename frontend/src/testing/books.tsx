import userEvent from '@testing-library/user-event';
import type { ReactElement } from 'react';
import { connectionOf } from './factories';
import { FakeServer, renderPage } from './fake-server';

type Resolver = (variables: Record<string, unknown>) => unknown;

export const usd = (amount: string) => ({ __typename: 'Money', amount, currency: 'USD' });

export const ledgerAccount = (number: string, name: string, given: object = {}) => ({
  __typename: 'LedgerAccount',
  id: `l${number}`,
  number,
  name,
  type: 'EXPENSE',
  currency: null,
  active: true,
  revision: 2,
  control: false,
  inUse: true,
  parent: null,
  bankAccount: null,
  balance: { __typename: 'LedgerBalance', on: '2026-11-18', base: usd('-310.00'), amounts: [] },
  ...given,
});
export const RENT = ledgerAccount('6200', 'Rent');
export const CASH = ledgerAccount('1010', 'Cash', { type: 'ASSET', currency: 'USD' });

export const viewer = (rights: string[]) => ({
  __typename: 'Query',
  changesHead: 'head',
  viewer: {
    __typename: 'Viewer',
    organization: {
      __typename: 'Organization',
      id: 'o1',
      name: 'Acme',
      timeZone: 'UTC',
      baseCurrency: 'USD',
    },
    user: null,
    rights,
    openLinkSessions: [],
  },
});

export const books = (given: object = {}) => ({
  __typename: 'Query',
  books: {
    __typename: 'Books',
    baseCurrency: 'USD',
    fiscalYearStartsIn: 1,
    softLockOn: null,
    hardLockOn: null,
    firstOpenOn: null,
    lastRates: [],
    revision: 1,
    ...given,
  },
});

export const entry = (given: object = {}) => ({
  __typename: 'JournalEntry',
  id: 'e1',
  number: '2026-0007',
  entryState: 'POSTED',
  postedOn: '2026-10-05',
  transactionOn: null,
  reference: null,
  memo: 'Rent',
  contact: null,
  source: 'PERSON',
  externalId: null,
  total: usd('1200.00'),
  reverses: null,
  reversedBy: null,
  act: { __typename: 'Act', id: 'act1' },
  createdAt: '2026-11-18T12:00:00.000Z',
  postedAt: '2026-11-18T12:00:00.000Z',
  actor: { __typename: 'Actor', kind: 'USER', name: 'Ada Abbott' },
  reversalBlockedReason: null,
  rates: [],
  bankTransactions: [],
  revision: 3,
  lines: [
    [RENT, '1200.00', '0.00', '1200.00'],
    [CASH, '-1200.00', '-1200.00', '0.00'],
  ].map(([account, amount, cleared, open], position) => ({
    __typename: 'JournalLine',
    id: `line${position}`,
    position,
    memo: null,
    amount: usd(amount as string),
    baseAmount: usd(amount as string),
    cleared: usd(cleared as string),
    open: usd(open as string),
    ledgerAccount: account,
  })),
  ...given,
});

export const accounts = (nodes: object[]) => ({
  __typename: 'Query',
  ledgerAccounts: connectionOf('LedgerAccount', nodes),
});

/** Renders a page of the books at an address, for somebody with these rights. */
export function openBooks(
  page: ReactElement,
  path: string,
  resolvers: Record<string, Resolver> = {},
  rights = ['CODE', 'ACCOUNTS', 'LOCK'],
) {
  const server = new FakeServer({
    Viewer: () => viewer(rights),
    Books: () => books(),
    LedgerAccountChoices: () => accounts([CASH, RENT]),
    ...resolvers,
  });
  return { server, user: userEvent.setup(), ...renderPage(page, { server, path }) };
}

/** What was sent to a mutation, call by call. */
export const inputsOf = (server: FakeServer, name: string) =>
  server.variablesOf(name).map(({ input }) => input as Record<string, unknown>);
