import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { connectionOf, makeAccount, makeLink } from '@/testing/factories';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { LinkedAccountsPage } from './linked-accounts-page';

const card = makeAccount('card', {
  name: 'Old Card',
  number: '1881',
  revision: 3,
  bankLink: makeLink('jdoe', { accountCount: 2 }),
});

const counts = (review: number) => ({
  __typename: 'Query',
  reconciliation: {
    __typename: 'Reconciliation',
    counts: { __typename: 'ReconciliationCounts', review, toCheck: 0, undecided: 0 },
  },
});

const hidden = (hiddenId: string | null, errors: object[] = []) => ({
  __typename: 'Mutation',
  hideBankAccount: { __typename: 'HideBankAccountPayload', hiddenId, errors },
});

async function open({ waiting = 0, account = card } = {}) {
  let rows = [account];
  const server = new FakeServer({
    BankAccounts: () => ({ __typename: 'Query', bankAccounts: connectionOf('BankAccount', rows) }),
    WaitingLines: () => counts(waiting),
    HideBankAccount: () => {
      rows = [];
      return hidden('card');
    },
  });
  renderPage(<LinkedAccountsPage />, { server, path: '/banks' });
  const user = userEvent.setup();
  (await screen.findByRole('link', { name: 'Old Card' })).focus();
  await user.keyboard('h');
  await screen.findByRole('alertdialog', { name: 'Hide “Old Card ••1881”?' });
  return { server, user };
}

const hideButton = () => screen.getByRole('button', { name: 'Hide account' });
const enabled = () => waitFor(() => expect(hideButton()).toHaveProperty('disabled', false));
const inputsOf = (server: FakeServer) => server.variablesOf('HideBankAccount').map(({ input }) => input);

describe('hiding an account', () => {
  it('is left by the safe button, which has the focus', async () => {
    const { server, user } = await open();
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Keep' })));
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(inputsOf(server)).toEqual([]);
    expect(document.activeElement?.textContent).toBe('Old Card');
  });

  it('says that nobody can undo it here, and takes the row away', async () => {
    const { server, user } = await open();
    expect(screen.getByText(/only whoever runs this server can show it again/)).toBeDefined();
    await enabled();
    await user.click(hideButton());
    expect(await screen.findByText('No banks linked yet.')).toBeDefined();
    expect(inputsOf(server)).toEqual([{ bankAccountId: 'card', expectedRevision: 3, reason: null }]);
  });

  it('takes a reason while lines wait for review', async () => {
    const { server, user } = await open({ waiting: 24 });
    expect((await screen.findByRole('alert')).textContent).toContain('24 lines of it wait for review');
    expect(hideButton()).toHaveProperty('disabled', true);
    await user.type(screen.getByRole('textbox', { name: 'Reason' }), 'Closed for years');
    await user.click(hideButton());
    await waitFor(() => expect(inputsOf(server)).toMatchObject([{ reason: 'Closed for years' }]));
  });

  it('says the server’s reason, and takes the one of the person then', async () => {
    const { server, user } = await open();
    const refusal = {
      __typename: 'SimpleError',
      code: 'LINES_WAITING',
      message: '1 line waits.',
      field: null,
    };
    server.answer('HideBankAccount', () => hidden(null, [refusal]));
    await enabled();
    await user.click(hideButton());
    expect((await screen.findByRole('alert')).textContent).toBe('1 line waits.');
    expect(hideButton()).toHaveProperty('disabled', true);
    expect(screen.getByRole('textbox', { name: 'Reason' })).toBeDefined();
  });

  it('says that the last account takes its sign-in along', async () => {
    await open({ account: { ...card, bankLink: makeLink('jdoe') } });
    expect(screen.getByText(/This is the last account of Chase – jdoe/)).toBeDefined();
  });

  it('leads to Delete, and from there back', async () => {
    const { user } = await open();
    await user.click(screen.getByRole('button', { name: 'Delete it instead' }));
    await screen.findByRole('alertdialog', { name: 'Delete “Old Card ••1881”?' });
    await user.click(screen.getByRole('button', { name: 'Hide it instead' }));
    await screen.findByRole('alertdialog', { name: 'Hide “Old Card ••1881”?' });
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(document.activeElement?.textContent).toBe('Old Card');
  });
});

describe('an account that came back without its ledger account', () => {
  it('says why', async () => {
    const untiedBecause = 'The ledger account 1010 is kept by Payroll now.';
    const server = new FakeServer({
      BankAccounts: () => ({
        __typename: 'Query',
        bankAccounts: connectionOf('BankAccount', [{ ...card, untiedBecause }]),
      }),
    });
    renderPage(<LinkedAccountsPage />, { server, path: '/banks' });
    expect(await screen.findByText(/The ledger account 1010 is kept by Payroll now\./)).toBeDefined();
  });
});
