import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { makeOpenLine } from '@/testing/bank-lines';
import { acme, begin, fee, inHand, inputOf, list, said, take, uber } from './desk-harness';

describe('the keyboard', () => {
  it('reconciles line after line, and says how many are left', async () => {
    const { user, server } = begin([acme, fee, uber]);
    await take(user, /ACME/);
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(inputOf(server, 'MatchTransactions')).toHaveLength(1));
    expect(inputOf(server, 'MatchTransactions')[0]).toMatchObject({
      bankItems: [{ bankTransactionId: 'acme', expectedRevision: 1, amount: '4200.00' }],
      journalItems: [{ journalLineId: '0001', amount: '4200.00' }],
    });
    await waitFor(async () => expect(await inHand()).toContain('CHASE FEE'));
    expect(document.activeElement).toBe(await list());
    await waitFor(() => expect(said()).toBe('Reconciled. 2 left.'));
    expect(screen.queryByRole('option', { name: /ACME/ })).toBeNull();
  });

  it('moves with j and k, and not while one types', async () => {
    const { user } = begin([acme, fee, uber]);
    await take(user, /ACME/);
    await user.keyboard('jj');
    expect(await inHand()).toContain('UBER');
    await user.keyboard('k');
    expect(await inHand()).toContain('CHASE FEE');
    await user.type(screen.getByRole('searchbox', { name: 'Search lines' }), 'jk');
    expect(await inHand()).toContain('CHASE FEE');
  });

  it('books with n, an account and Ctrl+Enter', async () => {
    const { user, server } = begin([fee, uber]);
    await take(user, /FEE/);
    await user.keyboard('n');
    await user.click(await screen.findByRole('combobox', { name: 'Ledger account' }));
    await user.keyboard('6100');
    await screen.findByRole('option', { name: /Bank Fees/ });
    await user.keyboard('{Enter}{Control>}{Enter}{/Control}');
    await waitFor(() => expect(inputOf(server, 'BookTransaction')).toHaveLength(1));
    expect(inputOf(server, 'BookTransaction')[0]).toMatchObject({
      bankTransactionId: 'fee',
      lines: [{ ledgerAccountId: 'l9', amount: '-15.00', memo: null }],
      rates: [],
    });
    await waitFor(async () => expect(await inHand()).toContain('UBER'));
  });

  it('picks a candidate by its number', async () => {
    const open = makeOpenLine('0007', '-15.00');
    const { user } = begin([fee], '/reconcile/a1', { open: [open] });
    await take(user, /FEE/);
    await user.keyboard('m');
    const box = await screen.findByRole('checkbox', { name: /2026-0007/ });
    await user.keyboard('1');
    expect((box as HTMLInputElement).checked).toBe(true);
    expect(screen.getByRole('form', { name: 'Match' }).textContent).toContain('remaining 0.00');
  });

  it('marks with x and Shift, excludes with e, with a reason', async () => {
    const { user, server } = begin([acme, fee, uber]);
    await take(user, /ACME/);
    await user.keyboard('x{Shift>}{ArrowDown}{/Shift}');
    expect(screen.getByRole('region', { name: 'Marked lines' }).textContent).toContain(
      '2 marked · +4,185.00',
    );
    await user.keyboard('e');
    const dialog = await screen.findByRole('dialog', { name: 'Exclude 2 lines?' });
    await user.click(within(dialog).getByRole('button', { name: 'Exclude' }));
    expect(within(dialog).getByText('Give a reason.')).toBeDefined();
    await user.type(within(dialog).getByRole('textbox', { name: 'Reason' }), 'Private{Enter}');
    await waitFor(() => expect(inputOf(server, 'ExcludeTransactions')).toHaveLength(1));
    expect(inputOf(server, 'ExcludeTransactions')[0]).toMatchObject({
      reason: 'Private',
      items: [{ bankTransactionId: 'acme' }, { bankTransactionId: 'fee' }],
    });
    await waitFor(async () => expect(await inHand()).toContain('UBER'));
  });

  it('puts aside to check with u', async () => {
    const { user, server } = begin([acme, uber]);
    await take(user, /ACME/);
    await user.keyboard('u');
    await waitFor(() =>
      expect(inputOf(server, 'AnnotateTransaction')[0]).toEqual({
        bankTransactionId: 'acme',
        expectedRevision: 1,
        toCheck: true,
      }),
    );
    await waitFor(async () => expect(await inHand()).toContain('UBER'));
  });

  it('undoes with Alt+Z, and the line is in hand again', async () => {
    const { user, server } = begin([acme, fee]);
    await take(user, /ACME/);
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(async () => expect(await inHand()).toContain('CHASE FEE'));
    await user.keyboard('{Alt>}[KeyZ]{/Alt}');
    await waitFor(() =>
      expect(inputOf(server, 'Undo')[0]).toMatchObject({ actId: 'act-acme', token: 'sure' }),
    );
    await waitFor(async () => expect(await inHand()).toContain('ACME CORP'));
  });

  it('leads to the candidates and back', async () => {
    const { user } = begin([acme, fee]);
    await take(user, /ACME/);
    await user.keyboard('{ArrowRight}');
    expect(document.activeElement?.getAttribute('data-candidate')).toBe('1');
    await user.keyboard('{Escape}');
    expect(document.activeElement).toBe(await list());
    await user.keyboard('?');
    expect(await screen.findByRole('dialog', { name: 'Keyboard' })).toBeDefined();
  });
});
