import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { makeOpenLine } from '@/testing/bank-lines';
import { begin, fee, inputOf, take } from './desk-harness';

async function pick(open: string, writeOffLimit = '0.00') {
  const around = { open: [makeOpenLine('0007', open)], writeOffLimit };
  const { user, server } = begin([fee], '/reconcile/a1', around);
  await take(user, /FEE/);
  await user.keyboard('m');
  await user.click(await screen.findByRole('checkbox', { name: /2026-0007/ }));
  return { user, server, form: screen.getByRole('form', { name: 'Match' }) };
}

describe('a typed part', () => {
  it('takes as much of both sides and says what stays open of each', async () => {
    const { user, server, form } = await pick('-40.00');
    await user.type(screen.getByRole('textbox', { name: 'Part of 2026-0007 to take' }), '5');
    expect(form.textContent).toContain('\u221235.00 stays open');
    expect(form.textContent).toContain('remaining \u221210.00 of the bank line stays open');
    await user.click(within(form).getByRole('button', { name: 'Reconcile' }));
    await waitFor(() =>
      expect(inputOf(server, 'MatchTransactions')[0]).toMatchObject({
        bankItems: [{ bankTransactionId: 'fee', amount: '-5.00' }],
        journalItems: [{ journalLineId: '0007', amount: '-5.00' }],
      }),
    );
    expect(await screen.findByRole('group', { name: 'Partly reconciled.' })).toBeDefined();
  });

  it('that is more than is open is not sent', async () => {
    const { user, server, form } = await pick('-40.00');
    await user.type(screen.getByRole('textbox', { name: 'Part of 2026-0007 to take' }), '41');
    expect(within(form).getByText('This is more than is open.')).toBeDefined();
    await user.click(within(form).getByRole('button', { name: 'Reconcile' }));
    expect(inputOf(server, 'MatchTransactions')).toHaveLength(0);
  });
});

describe('a write-off', () => {
  it('is not offered without a limit, nor above it', async () => {
    const { form } = await pick('-15.03');
    expect(within(form).queryByRole('checkbox', { name: /^Write off/ })).toBeNull();
  });

  it('sends a small difference to an account, and both sides whole', async () => {
    const { user, server, form } = await pick('-15.03', '0.05');
    await user.click(within(form).getByRole('checkbox', { name: 'Write off 0.03' }));
    await user.click(within(form).getByRole('button', { name: 'Reconcile' }));
    expect(within(form).getByText('Choose the account for the difference.')).toBeDefined();
    await user.click(within(form).getByRole('combobox', { name: 'Account for the difference' }));
    await user.click(await screen.findByRole('option', { name: /Bank Fees/ }));
    await user.click(within(form).getByRole('button', { name: 'Reconcile' }));
    await waitFor(() =>
      expect(inputOf(server, 'MatchTransactions')[0]).toMatchObject({
        bankItems: [{ amount: '-15.00' }],
        journalItems: [{ journalLineId: '0007', amount: '-15.03' }],
        writeOff: { ledgerAccountId: 'l9' },
      }),
    );
    expect(await screen.findByRole('group', { name: 'Reconciled, 0.03 written off.' })).toBeDefined();
  });
});
