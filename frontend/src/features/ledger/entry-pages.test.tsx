import { screen, waitFor, within } from '@testing-library/react';
import type userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { books, CASH, entry, inputsOf, openBooks, RENT, usd } from '@/testing/books';
import { EntryFormPage } from './entry-form-page';
import { EntryPage } from './entry-page';
import { TrialBalancePage } from './trial-balance-page';

describe('EntryFormPage', () => {
  const posted = (errors: object[] = []) => ({
    __typename: 'Mutation',
    createJournalEntry: {
      __typename: 'CreateJournalEntryPayload',
      journalEntry: errors.length > 0 ? null : entry(),
      errors,
    },
  });

  async function typeRent(user: ReturnType<typeof userEvent.setup>, credit: string) {
    await user.click(await screen.findByRole('combobox', { name: 'Ledger account, line 1' }));
    await user.click(await screen.findByRole('option', { name: '6200 Rent' }));
    await user.type(screen.getByLabelText('Debit, line 1'), '1,200');
    await user.click(screen.getByRole('combobox', { name: 'Ledger account, line 2' }));
    const options = await screen.findAllByRole('option', { name: '1010 Cash' });
    await user.click(options.at(-1) ?? document.body);
    await user.type(screen.getByLabelText('Credit, line 2'), credit);
  }

  it('keeps Post shut until both sides agree, and says how far they are', async () => {
    const { user } = openBooks(<EntryFormPage params={{}} />, '/ledger/entries/new');
    await typeRent(user, '1100');
    expect(screen.getByText('The debits are 100.00 USD more than the credits.')).toBeDefined();
    expect(screen.getByRole('button', { name: 'Post' })).toHaveProperty('disabled', true);
    expect(screen.getByRole('button', { name: 'Save draft' })).toHaveProperty('disabled', false);
  });

  it('posts by the keyboard, once however often it is sent', async () => {
    const locked = { __typename: 'SimpleError', code: 'PERIOD_LOCKED', message: 'Locked.', field: null };
    const answers = [posted([locked]), posted()];
    const { user, server, history } = openBooks(<EntryFormPage params={{}} />, '/ledger/entries/new', {
      CreateJournalEntry: () => answers.shift(),
    });
    await typeRent(user, '1200');
    await user.keyboard('{Control>}{Enter}{/Control}');
    expect((await screen.findByRole('alert')).textContent).toBe('Locked.');
    await user.click(screen.getByRole('button', { name: 'Post' }));
    await waitFor(() => expect(history.at(-1)).toBe('/ledger/entries/e1'));
    const [first, second] = inputsOf(server, 'CreateJournalEntry');
    expect(first).toMatchObject({
      post: true,
      lines: [
        { ledgerAccountId: 'l6200', amount: '1200.00', currency: 'USD' },
        { ledgerAccountId: 'l1010', amount: '-1200.00', currency: 'USD' },
      ],
    });
    expect(second).toEqual(first);
  });
});

describe('EntryPage', () => {
  it('offers no reversal that the server refuses', async () => {
    openBooks(<EntryPage id="e1" />, '/ledger/entries/e1', {
      JournalEntry: () => ({
        __typename: 'Query',
        journalEntry: entry({ reversalBlockedReason: 'It was reversed by entry 2026-0008.' }),
      }),
    });
    const button = await screen.findByRole('button', { name: 'Reverse…' });
    expect(button).toHaveProperty('disabled', true);
    expect(button.title).toBe('It was reversed by entry 2026-0008.');
  });

  it('says what a reversal does before it is made, with its date behind a lock', async () => {
    const { user, server } = openBooks(<EntryPage id="e1" />, '/ledger/entries/e1', {
      Books: () => books({ hardLockOn: '2026-10-31', firstOpenOn: '2026-11-01' }),
      JournalEntry: () => ({ __typename: 'Query', journalEntry: entry() }),
      ReverseJournalEntry: () => ({
        __typename: 'Mutation',
        reverseJournalEntry: {
          __typename: 'ReverseJournalEntryPayload',
          journalEntry: entry({ id: 'e2', number: '2026-0008' }),
          bankTransactions: [],
          errors: [],
        },
      }),
    });
    await user.click(await screen.findByRole('button', { name: 'Reverse…' }));
    const dialog = await screen.findByRole('dialog');
    const effects = await within(dialog).findAllByRole('listitem');
    expect(effects.map((effect) => effect.textContent)).toEqual([
      'An entry with the same 2 lines, debits and credits exchanged, is posted: 1,200.00 USD, dated 1 Nov 2026, because 5 Oct 2026 is locked.',
      'The bank lines that clear it come up for review again.',
      'Both entries stay in the books and name each other.',
    ]);
    await user.click(within(dialog).getByRole('button', { name: 'Reverse' }));
    expect(await screen.findByText('Reversed by 2026-0008.')).toBeDefined();
    expect(inputsOf(server, 'ReverseJournalEntry')[0]).toMatchObject({
      journalEntryId: 'e1',
      expectedRevision: 3,
    });
  });
});

describe('TrialBalancePage', () => {
  it('adds nothing up itself: it shows the server’s totals, and the day in the address', async () => {
    const { server } = openBooks(<TrialBalancePage />, '/ledger/trial-balance?on=2026-10-31', {
      TrialBalance: () => ({
        __typename: 'Query',
        trialBalance: {
          __typename: 'TrialBalance',
          on: '2026-10-31',
          baseCurrency: 'USD',
          rows: [
            { __typename: 'TrialBalanceRow', ledgerAccount: CASH, debit: null, credit: usd('1200.00') },
            { __typename: 'TrialBalanceRow', ledgerAccount: RENT, debit: usd('1200.00'), credit: null },
          ],
          totalDebit: usd('1200.00'),
          totalCredit: usd('1200.00'),
        },
      }),
    });
    const region = await screen.findByRole('region', { name: 'Trial balance' });
    const rows = within(region).getAllByRole('row');
    expect(rows.map((row) => row.textContent)).toEqual([
      'NumberAccountDebit USDCredit USD',
      '1010Cash1,200.00',
      '6200Rent1,200.00',
      'Total1,200.001,200.00',
    ]);
    expect(server.variablesOf('TrialBalance')[0]).toEqual({ on: '2026-10-31' });
    expect(screen.getByRole('link', { name: 'Download CSV' }).getAttribute('href')).toBe(
      '/export/trial-balance.csv?on=2026-10-31',
    );
  });
});
