import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { connectionOf } from '@/testing/factories';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { TransactionsPanel } from './transactions-panel';

const line = (id: string, given: object) => ({
  __typename: 'BankTransaction',
  id,
  pending: false,
  datedOn: '2026-11-01',
  postedOn: null,
  occurredOn: null,
  amount: { __typename: 'Money', amount: '-22.10', currency: 'USD' },
  description: 'UBER',
  bankDescription: null,
  counterparty: 'Uber',
  checkNumber: null,
  category: 'TRAVEL_TAXI',
  revision: 1,
  ...given,
});

function open(lines: object[], path = '/banks/a1') {
  const server = new FakeServer({
    BankTransactions: () => ({
      __typename: 'Query',
      bankAccount: {
        __typename: 'BankAccount',
        id: 'a1',
        transactions: connectionOf('BankTransaction', lines),
      },
    }),
  });
  return {
    server,
    user: userEvent.setup(),
    ...renderPage(<TransactionsPanel accountId="a1" bankLinkId="k1" />, { server, path }),
  };
}

describe('TransactionsPanel', () => {
  it('says that there are none yet', async () => {
    open([]);
    expect(await screen.findByText('No transactions yet.')).toBeDefined();
  });

  it('marks what is pending, and shows dates and amounts as the bank gave them', async () => {
    open([
      line('t1', { pending: true }),
      line('t2', {
        description: 'ACME',
        amount: { __typename: 'Money', amount: '4200.00', currency: 'USD' },
      }),
    ]);
    const cell = await screen.findByRole('rowheader', { name: /UBER/ });
    const first = cell.closest('[role="row"]');
    expect(within(cell).getByText('Pending')).toBeDefined();
    expect(first?.textContent).toContain('1 Nov 2026');
    expect(first?.textContent).toContain('\u221222.10USD');
    expect(first?.textContent).toContain('Travel taxi');
    const second = screen.getByRole('rowheader', { name: 'ACME' }).closest('[role="row"]');
    expect(second?.textContent).toContain('+4,200.00USD');
    expect(second?.textContent).not.toContain('Pending');
  });

  it('lets the server search, and gives the same lines as a file', async () => {
    const { user, server, history } = open([line('t1', {})], '/banks/a1?from=2026-11-01');
    await user.type(screen.getByRole('searchbox', { name: 'Search transactions' }), 'uber');
    await waitFor(() => expect(history.at(-1)).toBe('/banks/a1?q=uber&from=2026-11-01'));
    await waitFor(() =>
      expect(server.variablesOf('BankTransactions').at(-1)).toMatchObject({
        accountId: 'a1',
        search: 'uber',
        where: { datedOn: { gte: '2026-11-01' } },
      }),
    );
    expect(screen.getByRole('link', { name: 'Download CSV' }).getAttribute('href')).toBe(
      '/export/bank-transactions.csv?account=a1&from=2026-11-01&search=uber',
    );
  });
});
