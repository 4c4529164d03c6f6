import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { connectionOf, makeAccount } from '@/testing/factories';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { LedgerDialog } from './ledger-dialog';

const account = makeAccount('a1', { name: 'Operating', revision: 3 });

const ledger = (id: string, number: string, name: string) => ({
  __typename: 'LedgerAccount',
  id,
  number,
  name,
  type: 'ASSET',
  currency: 'USD',
  active: true,
  bankAccount: null,
});

const openLine = (id: string, amount: string) => ({
  __typename: 'JournalLine',
  id,
  postedOn: '2026-10-28',
  memo: `Cheque ${id}`,
  open: { __typename: 'Money', amount, currency: 'USD' },
  journalEntry: { __typename: 'JournalEntry', id: `e-${id}`, number: `2026-${id}`, memo: null },
});

const usd = (amount: string) => ({ __typename: 'Money', amount, currency: 'USD' });

function preview(given: object = {}) {
  return {
    __typename: 'TyingPreview',
    suggestedBalance: usd('1000.00'),
    booksBalance: usd('900.00'),
    historyCount: 730,
    reviewCount: 24,
    leavingBalance: null,
    openLineCount: 2,
    openLines: [openLine('1', '-50.00'), openLine('2', '25.00')],
    ...given,
  };
}

const viewer = {
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
    rights: ['ACCOUNTS'],
    openLinkSessions: [],
  },
};

const EQUITY = { ...ledger('q1', '3000', 'Opening Balance Equity'), type: 'EQUITY' };

interface Linking {
  answer?: () => unknown;
  given?: object;
  of?: ReturnType<typeof makeAccount>;
  /** The bank account that is kept in the chosen ledger account by now; the list knows of none. */
  holder?: object | null;
}

function link({ answer, given, of = account, holder = null }: Linking = {}) {
  const server = new FakeServer({
    Viewer: () => viewer,
    LedgerAccounts: () => ({
      __typename: 'Query',
      ledgerAccounts: connectionOf('LedgerAccount', [
        ledger('l1', '1010', 'Cash'),
        ledger('l2', '1020', 'Payroll'),
      ]),
    }),
    EquityAccounts: () => ({
      __typename: 'Query',
      ledgerAccounts: connectionOf('LedgerAccount', [EQUITY]),
    }),
    DifferenceAccounts: () => ({
      __typename: 'Query',
      ledgerAccounts: connectionOf('LedgerAccount', [EQUITY]),
    }),
    TyingPreview: ({ ledgerAccountId }) => ({
      __typename: 'Query',
      ledgerAccount: { __typename: 'LedgerAccount', id: ledgerAccountId, bankAccount: holder },
      tyingPreview: preview(given),
    }),
    AssignLedgerAccount: answer ?? (() => assigned(makeAccount('a1', { revision: 4 }))),
  });
  const onClose = vi.fn();
  renderPage(<LedgerDialog account={of} onClose={onClose} />, { server, path: '/banks' });
  return { server, onClose, user: userEvent.setup() };
}

const assigned = (bankAccount: object | null, errors: object[] = []) => ({
  __typename: 'Mutation',
  assignLedgerAccount: { __typename: 'AssignLedgerAccountPayload', bankAccount, errors },
});

async function choose(user: ReturnType<typeof userEvent.setup>, number = /1010/) {
  await user.click(await screen.findByRole('option', { name: number }));
  await user.click(screen.getByRole('button', { name: 'Next' }));
  await screen.findByText(/stay as history/);
}

const sent = (server: FakeServer) =>
  server.variablesOf('AssignLedgerAccount').map(({ input }) => input as Record<string, unknown>);

const startDay = () => screen.getByLabelText('Last day that is history');

describe('LedgerDialog', () => {
  it('says the server’s reason, and stays', async () => {
    const message = '1010 Cash belongs to Savings.';
    const refusal = { __typename: 'SimpleError', code: 'LEDGER_ACCOUNT_TAKEN', message, field: null };
    const { user, onClose } = link({ answer: () => assigned(null, [refusal]) });
    await choose(user);
    await user.click(screen.getByRole('button', { name: 'Link' }));
    expect((await screen.findByRole('alert')).textContent).toBe(message);
    expect(onClose).not.toHaveBeenCalled();
  });

  it('knows of a bank account that was linked there since the list was read', async () => {
    const holder = { __typename: 'BankAccount', id: 'a2', name: 'Old Checking' };
    const { user, server } = link({ holder });
    await choose(user);
    expect(screen.getByText(/^Another bank account is kept there/)).toBeDefined();
    expect(screen.getByRole('button', { name: 'Link' })).toHaveProperty('disabled', true);
    await user.click(screen.getByRole('checkbox', { name: /replaces Old Checking/ }));
    await user.click(screen.getByRole('button', { name: 'Link' }));
    await waitFor(() => expect(sent(server)[0]).toMatchObject({ start: { predecessorId: 'a2' } }));
  });

  it('begins after the last month, says what stays and what comes, and proposes balance and account', async () => {
    const { user, server, onClose } = link();
    await screen.findByRole('option', { name: /1020/ });
    await user.click(screen.getByRole('combobox', { name: 'Ledger account' }));
    await user.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    await user.click(screen.getByRole('button', { name: 'Next' }));
    const counts = (await screen.findByText(/stay as history/)).textContent;
    expect(counts).toMatch(/^730 lines up to .* stay as history; 24 lines after it come up for review\.$/);
    const startOn = (startDay() as HTMLInputElement).value;
    expect(startOn).toMatch(/^\d{4}-\d{2}-(28|29|30|31)$/);
    expect(screen.getByText(/The books hold 100.00 USD less/)).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Link' }));
    await waitFor(() => expect(onClose).toHaveBeenCalledTimes(1));
    expect(sent(server)).toEqual([
      {
        bankAccountId: 'a1',
        ledgerAccountId: 'l2',
        expectedRevision: 3,
        idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        start: {
          startOn,
          balance: '1000.00',
          outstandingLineIds: [],
          lacking: [],
          differenceAccountId: 'q1',
          predecessorId: null,
          rates: [],
        },
      },
    ]);
  });

  it('reckons with what was outstanding, in the books or not', async () => {
    const { user, server, onClose } = link();
    await choose(user);
    await user.click(screen.getByRole('checkbox', { name: /Cheque 1/ }));
    expect(screen.getByText(/The books hold 50.00 USD less/)).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Add an item that the books lack' }));
    await user.type(screen.getByLabelText('Amount, minus for money out'), '-50');
    expect(screen.getByText(/The books agree with the bank/)).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Link' }));
    await waitFor(() => expect(onClose).toHaveBeenCalledTimes(1));
    const { start } = sent(server)[0] as { start: { startOn: string } };
    expect(start).toMatchObject({
      outstandingLineIds: ['1'],
      lacking: [{ datedOn: start.startOn, amount: '-50.00', memo: null }],
    });
  });

  it('says why it can’t be linked yet', async () => {
    const { user } = link({ given: { suggestedBalance: null } });
    await choose(user);
    expect(screen.getByText('Give the bank’s balance at the end of that day, in USD.')).toBeDefined();
    expect(screen.getByRole('button', { name: 'Link' })).toHaveProperty('disabled', true);
    await user.type(screen.getByLabelText(/The bank’s balance/), '900');
    expect(screen.getByRole('button', { name: 'Link' })).toHaveProperty('disabled', false);
  });

  it('takes what a card owes as the bank prints it', async () => {
    const card = makeAccount('a1', { type: 'CREDIT_CARD', revision: 3 });
    const { user, server } = link({ of: card, given: { suggestedBalance: usd('-1240.00') } });
    await choose(user);
    expect(screen.getByLabelText(/^Balance owed/)).toHaveProperty('value', '1,240.00');
    await user.click(screen.getByRole('button', { name: 'Link' }));
    await waitFor(() => expect(sent(server)[0]).toMatchObject({ start: { balance: '-1240.00' } }));
  });

  it('says what moves before it moves', async () => {
    const tied = makeAccount('a1', { ledgerAccount: ledger('l1', '1010', 'Cash') as never });
    const { user, server } = link({ of: tied, given: { leavingBalance: usd('100.00') } });
    await choose(user, /1020/);
    expect(screen.getByText(/100.00 USD and what is outstanding there come from 1010 Cash/)).toBeDefined();
    expect(screen.getByText(/What is reconciled stays in 1010 Cash/)).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Move 24 lines and link' }));
    await waitFor(() => expect(sent(server)[0]).toMatchObject({ start: { differenceAccountId: null } }));
  });

  it('asks where a difference goes that does not move along', async () => {
    const tied = makeAccount('a1', { ledgerAccount: ledger('l1', '1010', 'Cash') as never });
    const { user, server } = link({ of: tied, given: { leavingBalance: usd('70.00') } });
    await choose(user, /1020/);
    expect(screen.getByText(/The books hold 30.00 USD less/)).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Move 24 lines and link' }));
    await waitFor(() => expect(sent(server)[0]).toMatchObject({ start: { differenceAccountId: 'q1' } }));
  });

  it('says how many open lines it does not show', async () => {
    const { user } = link({ given: { openLineCount: 730 } });
    await choose(user);
    expect(screen.getByText(/the newest 2 of 730/)).toBeDefined();
  });

  it('unlinks without a start', async () => {
    const tied = makeAccount('a1', { ledgerAccount: ledger('l1', '1010', 'Cash') as never });
    const { user, server } = link({ of: tied });
    await user.click(screen.getByRole('button', { name: 'Unlink' }));
    await waitFor(() => expect(sent(server)[0]).toMatchObject({ ledgerAccountId: null, start: null }));
  });

  it('closes on Esc, though its list is always open', async () => {
    const { user, onClose } = link();
    await user.click(screen.getByRole('combobox', { name: 'Ledger account' }));
    await user.keyboard('{Escape}');
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  it('says that nothing is bookable until a start is given', async () => {
    link();
    expect((await screen.findByText('not set yet')).closest('p')?.textContent).toContain(
      'Until a start is given, nothing of this account can be booked',
    );
  });
});
