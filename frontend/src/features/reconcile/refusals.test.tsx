import { screen, waitFor } from '@testing-library/react';
import { CombinedError } from '@urql/core';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { makeOpenLine } from '@/testing/bank-lines';
import { begin, fee, inHand, inputOf, option, take, uber } from './desk-harness';

describe('a refusal', () => {
  const refuse = (error: object) => ({
    answer: {
      __typename: 'BookTransactionPayload',
      replayed: false,
      act: null,
      bankTransactions: [],
      errors: [{ code: 'INVALID_INPUT', message: 'No.', field: null, ...error }],
    },
  });
  async function book(user: ReturnType<typeof userEvent.setup>) {
    await take(user, /FEE/);
    await user.keyboard('n');
    await user.click(await screen.findByRole('combobox', { name: 'Ledger account' }));
    await user.click(await screen.findByRole('option', { name: /Bank Fees/ }));
    await user.click(screen.getByRole('button', { name: 'Reconcile' }));
  }

  it('stands at its field', async () => {
    const { user, server } = begin([fee]);
    server.answer('BookTransaction', () =>
      refuse({
        __typename: 'SimpleError',
        message: '6100 is switched off.',
        field: ['lines', '0', 'ledgerAccountId'],
      }),
    );
    await book(user);
    expect(await screen.findByText('6100 is switched off.')).toBeDefined();
    expect(screen.getByRole('combobox', { name: 'Ledger account' }).getAttribute('aria-invalid')).toBe(
      'true',
    );
    expect(await inHand()).toContain('CHASE FEE');
  });

  it('for a locked period gives the reason', async () => {
    const { user, server } = begin([fee]);
    server.answer('BookTransaction', () =>
      refuse({
        __typename: 'PeriodLockedError',
        code: 'PERIOD_LOCKED',
        message: 'The books are locked up to 30 Nov 2026.',
      }),
    );
    await book(user);
    expect(await screen.findByText('The books are locked up to 30 Nov 2026.')).toBeDefined();
  });

  it('names who was faster, and shows the line as it is now', async () => {
    const { user, server, settle } = begin([fee, uber]);
    server.answer('BookTransaction', () =>
      refuse({
        __typename: 'ConflictError',
        code: 'CONFLICT',
        message: 'This line was reconciled meanwhile.',
        at: new Date().toISOString(),
        by: { __typename: 'Actor', name: 'Sam' },
        current: settle('fee'),
      }),
    );
    await book(user);
    await waitFor(async () => expect((await option(/FEE/)).textContent).toContain('Reconciled'));
  });

  it('asks about a possible duplicate, and matches it instead', async () => {
    const { user, server } = begin([fee, uber]);
    server.answer('BookTransaction', () =>
      refuse({
        __typename: 'PossibleDuplicateError',
        code: 'POSSIBLE_DUPLICATE',
        message: 'It may be booked.',
        candidates: [makeOpenLine('0043', '-15.00')],
      }),
    );
    await book(user);
    expect(await screen.findByText('This may already be booked as 2026-0043.')).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Create anyway' }));
    expect(screen.getByText('Say why it is not the same.')).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Match 2026-0043' }));
    await waitFor(() =>
      expect(inputOf(server, 'MatchTransactions')[0]).toMatchObject({
        journalItems: [{ journalLineId: '0043' }],
      }),
    );
  });

  it('sends the same key again when no answer came', async () => {
    const { user, server } = begin([fee]);
    server.answer('BookTransaction', () => {
      throw new CombinedError({ networkError: new Error('The line is cut.') });
    });
    await book(user);
    await user.click(screen.getByRole('button', { name: 'Reconcile' }));
    await waitFor(() => expect(inputOf(server, 'BookTransaction')).toHaveLength(2));
    const keys = inputOf(server, 'BookTransaction').map(({ idempotencyKey }) => idempotencyKey);
    expect(keys[0]).toBe(keys[1]);
  });
});
