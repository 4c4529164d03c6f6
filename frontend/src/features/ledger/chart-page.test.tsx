import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { accounts, inputsOf, openBooks, RENT } from '@/testing/books';
import { ChartPage } from './chart-page';

describe('ChartPage', () => {
  it('shows what may not be done as not possible, with the reason', async () => {
    openBooks(<ChartPage />, '/ledger', { Chart: () => accounts([RENT]) }, ['READ']);
    const button = await screen.findByRole('button', { name: 'Add account' });
    await waitFor(() => expect(button).toHaveProperty('disabled', true));
    expect(button.title).toBe('This needs the right “accounts”. Ask an administrator for it.');
  });

  it('names the side of a balance', async () => {
    openBooks(<ChartPage />, '/ledger', { Chart: () => accounts([RENT]) });
    const row = (await screen.findByRole('rowheader', { name: 'Rent' })).closest('[role="row"]');
    expect(row?.textContent).toContain('310.00 Cr');
  });

  it('says beside the field why an account was not added', async () => {
    const taken = {
      __typename: 'SimpleError',
      code: 'LEDGER_NUMBER_TAKEN',
      message: 'The number 6200 is taken by Rent.',
      field: ['number'],
    };
    const { user, server } = openBooks(<ChartPage />, '/ledger', {
      Chart: () => accounts([RENT]),
      CreateLedgerAccount: () => ({
        __typename: 'Mutation',
        createLedgerAccount: {
          __typename: 'CreateLedgerAccountPayload',
          ledgerAccount: null,
          errors: [taken],
        },
      }),
    });
    await user.click(await screen.findByRole('button', { name: 'Add account' }));
    const dialog = await screen.findByRole('dialog');
    await user.type(within(dialog).getByLabelText('Number'), '6200');
    await user.type(within(dialog).getByLabelText('Name'), 'Parking');
    await user.click(within(dialog).getByRole('button', { name: 'Add account' }));
    expect(await within(dialog).findByText(taken.message)).toBeDefined();
    expect(inputsOf(server, 'CreateLedgerAccount')).toEqual([
      { number: '6200', name: 'Parking', type: 'EXPENSE', currency: null, parentId: null, control: false },
    ]);
  });

  it('deactivates an account, on which entries fix type and currency', async () => {
    const { user, server } = openBooks(<ChartPage />, '/ledger', {
      Chart: () => accounts([RENT]),
      UpdateLedgerAccount: () => ({
        __typename: 'Mutation',
        updateLedgerAccount: {
          __typename: 'UpdateLedgerAccountPayload',
          ledgerAccount: { ...RENT, active: false, revision: 3 },
          errors: [],
        },
      }),
    });
    await user.click(await screen.findByRole('button', { name: 'Edit 6200 Rent' }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByLabelText('Type')).toHaveProperty('disabled', true);
    await user.click(within(dialog).getByRole('button', { name: 'Deactivate' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(inputsOf(server, 'UpdateLedgerAccount')).toEqual([
      { ledgerAccountId: 'l6200', expectedRevision: 2, active: false },
    ]);
  });

  it('lists what is wrong in a file, by line and column', async () => {
    const wrong = {
      __typename: 'SimpleError',
      code: 'INVALID_INPUT',
      message: 'No such type.',
      field: ['csv', '3', 'Type'],
    };
    const whole = {
      __typename: 'SimpleError',
      code: 'INVALID_INPUT',
      message: 'Nothing was written.',
      field: null,
    };
    const result = { __typename: 'LedgerAccountResult', status: null, ledgerAccount: null };
    const { user, server } = openBooks(<ChartPage />, '/ledger', {
      Chart: () => accounts([RENT]),
      ImportLedgerAccounts: () => ({
        __typename: 'Mutation',
        importLedgerAccounts: {
          __typename: 'ImportLedgerAccountsPayload',
          results: [
            { ...result, index: 0, errors: [] },
            { ...result, index: 1, errors: [wrong] },
          ],
          errors: [whole],
        },
      }),
    });
    await user.click(await screen.findByRole('button', { name: 'Import CSV' }));
    const field = document.querySelector<HTMLInputElement>('input[type="file"]');
    const text = 'Number,Name,Type\n1,A,ASSET\n2,B,ROOF\n';
    await user.upload(field ?? document.createElement('input'), new File([text], 'chart.csv'));
    await user.click(screen.getByRole('button', { name: 'Import' }));
    expect((await screen.findByRole('alert')).textContent).toContain('one mistake');
    const rows = within(screen.getByRole('region', { name: 'Mistakes' })).getAllByRole('row');
    expect(rows.map((row) => row.textContent)).toEqual(['LineColumnWhat is wrong', '3TypeNo such type.']);
    expect(inputsOf(server, 'ImportLedgerAccounts')).toEqual([{ csv: text, atomic: true }]);
  });
});
