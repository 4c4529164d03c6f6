import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { makeAct, makeLine, makeOpenLine, money } from '@/testing/bank-lines';
import { begin, inHand, inputOf, list, take, uber } from './desk-harness';
import type { Line } from './outcome';

const UNDECIDED = '/reconcile/a1?tab=undecided';

/** A line of 100.00 out that is booked, and of which the bank says something else. */
const changed = (id: string, description: string, given: Partial<NonNullable<Line['reviewItem']>> = {}) =>
  makeLine(id, {
    description,
    state: 'UNDECIDED',
    bookable: false,
    amount: money('-100.00'),
    reconciled: money('-100.00'),
    remainder: money('0.00'),
    reviewItem: {
      __typename: 'ReviewItem',
      id: `r-${id}`,
      kind: 'CHANGED',
      reportedOn: '2026-11-18',
      raisedAt: '2026-11-18T12:00:00.000Z',
      reportedAmount: money('-120.00'),
      difference: money('-20.00'),
      ...given,
    } as never,
  });
const hotel = changed('hotel', 'HOTEL');
const airline = changed('airline', 'AIRLINE', {
  kind: 'WITHDRAWN',
  reportedOn: null,
  reportedAmount: null,
  difference: money('100.00'),
});

const decision = () => screen.findByRole('region', { name: 'Decision' });
const account = (id: string, name: string, number: string) => ({
  __typename: 'LedgerAccount',
  id,
  number,
  name,
  type: 'EXPENSE',
  currency: null,
});

/** The match of a line with an entry whose other line is on this account. */
const matchWith = (other: object) => {
  const own = makeOpenLine('0001', '-100.00');
  return {
    __typename: 'Match',
    id: 'm1',
    clearedOn: '2026-11-18',
    act: makeAct('act-hotel', 'BOOK'),
    bankItems: [],
    journalItems: [
      {
        __typename: 'MatchJournalItem',
        amount: money('-100.00'),
        journalLine: {
          ...own,
          journalEntry: {
            ...own.journalEntry,
            lines: [
              {
                __typename: 'JournalLine',
                id: own.id,
                position: 0,
                memo: null,
                amount: money('-100.00'),
                ledgerAccount: account('l1', 'Operating Account', '1010'),
              },
              {
                __typename: 'JournalLine',
                id: 'other',
                position: 1,
                memo: 'Two nights',
                amount: money('100.00'),
                ledgerAccount: other,
              },
            ],
          },
        },
      },
    ],
  };
};

describe('a line that the bank changed after it was booked', () => {
  it('says what each way to decide will do', async () => {
    const { user } = begin([hotel], UNDECIDED);
    await take(user, /HOTEL/);
    const region = await decision();
    expect(region.textContent).toContain('\u2212100.00 → \u2212120.00');
    const ways = within(region).getAllByRole('listitem');
    expect(ways.map(({ textContent }) => textContent.slice(1))).toEqual([
      'Take the bank’s versionThe line becomes \u2212120.00; 20.00 of it is open for review.',
      'Post the difference\u221220.00 is posted to the account that you choose. The line becomes the bank’s and stays reconciled.',
      'Book it anewIts entry is reversed, and \u2212120.00 is booked in its place.',
      'It is another lineAnother bank line is the same payment, and takes over the match.',
      'Undo the matchTakes back what was done, after showing what that is. The line is as the bank reports it then.',
      'Keep what is bookedThe match stays, and this report of the bank is no news any more.',
    ]);
  });

  it('is accepted by keyboard alone, and the next line comes to hand', async () => {
    const { user, server } = begin([hotel, airline], UNDECIDED);
    await take(user, /HOTEL/);
    await decision();
    await user.keyboard('1');
    expect(await screen.findByRole('form', { name: 'Take the bank’s version' })).toBeDefined();
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() =>
      expect(inputOf(server, 'AcceptBankChange')[0]).toMatchObject({
        reviewItemId: 'r-hotel',
        expectedRevision: 1,
      }),
    );
    await waitFor(async () => expect(await inHand()).toContain('AIRLINE'));
    expect(document.activeElement).toBe(await list());
  });

  it('lets the difference go to an account', async () => {
    const { user, server } = begin([hotel], UNDECIDED);
    await take(user, /HOTEL/);
    await decision();
    await user.keyboard('2');
    const form = await screen.findByRole('form', { name: 'Post the difference' });
    const field = within(form).getByRole('combobox', { name: 'Account for the difference' });
    expect(document.activeElement).toBe(field);
    await user.click(within(form).getByRole('button', { name: 'Post' }));
    expect(within(form).getByText('Choose a ledger account.')).toBeDefined();
    await user.click(field);
    await user.click(await screen.findByRole('option', { name: /Bank Fees/ }));
    await user.click(within(form).getByRole('button', { name: 'Post' }));
    await waitFor(() =>
      expect(inputOf(server, 'AdjustBankChange')[0]).toMatchObject({
        reviewItemId: 'r-hotel',
        ledgerAccountId: 'l9',
        memo: null,
      }),
    );
  });

  it('is booked anew where it was booked before', async () => {
    const { user, server } = begin([hotel], UNDECIDED);
    server.answer('LineInHand', () => ({
      bankTransaction: { ...hotel, matches: [matchWith(account('l7', 'Travel', '6300'))] },
    }));
    await take(user, /HOTEL/);
    await user.click(await screen.findByRole('button', { name: 'Book it anew' }));
    const form = await screen.findByRole('form', { name: 'Book it anew' });
    expect(within(form).getByRole<HTMLInputElement>('combobox').value).toBe('6300 Travel');
    await user.click(within(form).getByRole('button', { name: 'Book anew' }));
    await waitFor(() =>
      expect(inputOf(server, 'RebookBankChange')[0]).toMatchObject({
        reviewItemId: 'r-hotel',
        lines: [{ ledgerAccountId: 'l7', amount: '-120.00', memo: 'Two nights' }],
      }),
    );
  });

  it('hands its match to another line', async () => {
    const { user, server } = begin([hotel, uber], UNDECIDED);
    await take(user, /HOTEL/);
    await user.click(await screen.findByRole('button', { name: 'It is another line' }));
    const form = await screen.findByRole('form', { name: 'It is another line' });
    await user.click(within(form).getByRole('button', { name: 'Hand the match over' }));
    expect(within(form).getByText('Choose the line that is the same payment.')).toBeDefined();
    await user.click(await within(form).findByRole('radio', { name: /UBER/ }));
    await user.click(within(form).getByRole('button', { name: 'Hand the match over' }));
    await waitFor(() =>
      expect(inputOf(server, 'MarkDuplicate')[0]).toMatchObject({
        reviewItemId: 'r-hotel',
        bankTransactionId: 'uber',
      }),
    );
    expect(server.variablesOf('OtherLines')[0]).toMatchObject({
      where: { or: [{ amount: { eq: '-100.00' } }, { amount: { eq: '-120.00' } }] },
    });
  });

  it('keeps what was booked, with a reason', async () => {
    const { user, server } = begin([hotel], UNDECIDED);
    await take(user, /HOTEL/);
    await user.click(await screen.findByRole('button', { name: 'Keep what is booked' }));
    await user.click(screen.getByRole('button', { name: 'Keep ours' }));
    expect(screen.getByText('Give a reason.')).toBeDefined();
    expect(inputOf(server, 'KeepOurs')).toHaveLength(0);
    const field = screen.getByRole('textbox', { name: 'Why what was booked is right' });
    await user.type(field, 'The hotel refunds it');
    await user.click(screen.getByRole('button', { name: 'Keep ours' }));
    await waitFor(() =>
      expect(inputOf(server, 'KeepOurs')[0]).toMatchObject({
        reviewItemId: 'r-hotel',
        reason: 'The hotel refunds it',
      }),
    );
  });

  it('shows why a decision was refused, and stays in hand', async () => {
    const { user, server } = begin([hotel], UNDECIDED);
    const message = 'This line and its entry are matched with others too.';
    server.answer('RebookBankChange', () => ({
      answer: {
        __typename: 'RebookBankChangePayload',
        replayed: false,
        act: null,
        bankTransactions: [],
        errors: [{ __typename: 'SimpleError', code: 'NOT_UNDOABLE', message, field: ['reviewItemId'] }],
      },
    }));
    server.answer('LineInHand', () => ({
      bankTransaction: { ...hotel, matches: [matchWith(account('l7', 'Travel', '6300'))] },
    }));
    await take(user, /HOTEL/);
    await user.click(await screen.findByRole('button', { name: 'Book it anew' }));
    await user.click(await screen.findByRole('button', { name: 'Book anew' }));
    expect((await screen.findByRole('alert')).textContent).toContain(message);
    expect(await inHand()).toContain('HOTEL');
  });
});

describe('a line that the bank withdrew after it was booked', () => {
  it('leaves the list once it is let go, though no answer has it any more', async () => {
    const { user, server } = begin([airline, hotel], UNDECIDED);
    server.answer('AcceptBankChange', () => ({
      answer: {
        __typename: 'AcceptBankChangePayload',
        replayed: false,
        act: makeAct('act-airline', 'DECIDE'),
        bankTransactions: [],
        errors: [],
      },
    }));
    await take(user, /AIRLINE/);
    const region = await decision();
    expect(region.textContent).toContain('The bank withdrew this line.');
    expect(region.textContent).toContain('The line leaves. Its entry stays in the books, outstanding.');
    await user.click(within(region).getByRole('button', { name: 'Let the line go' }));
    await user.click(await screen.findByRole('button', { name: 'Let it go' }));
    await waitFor(() => expect(screen.queryByRole('option', { name: /AIRLINE/ })).toBeNull());
    expect(await inHand()).toContain('HOTEL');
  });

  it('has its entry reversed without asking for accounts', async () => {
    const { user, server } = begin([airline], UNDECIDED);
    await take(user, /AIRLINE/);
    await user.click(await screen.findByRole('button', { name: 'Reverse the entry' }));
    const form = await screen.findByRole('form', { name: 'Reverse the entry' });
    expect(within(form).queryByRole('combobox')).toBeNull();
    await user.click(within(form).getByRole('button', { name: 'Reverse' }));
    await waitFor(() =>
      expect(inputOf(server, 'RebookBankChange')[0]).toMatchObject({
        reviewItemId: 'r-airline',
        lines: null,
      }),
    );
  });
});
