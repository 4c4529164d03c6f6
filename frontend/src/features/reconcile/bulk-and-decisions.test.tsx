import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { makeAct, makeLine, makeOpenLine, money, suggestMatch } from '@/testing/bank-lines';
import { connectionOf } from '@/testing/factories';
import { acme, begin, fee, inputOf, list, option, pane, take, uber } from './desk-harness';

const second = makeLine('second', {
  description: 'GLOBEX',
  amount: money('10.00'),
  suggestions: [suggestMatch([makeOpenLine('0002', '10.00')])],
});

describe('accepting many suggestions', () => {
  const accepted = (results: object[]) => ({
    answer: {
      __typename: 'AcceptSuggestionsPayload',
      replayed: false,
      act: makeAct('act-bulk', 'BULK'),
      results: results.map((result, index) => ({ __typename: 'AcceptedSuggestion', index, ...result })),
      errors: [],
    },
  });

  it('says for each line why it was left, and keeps it marked', async () => {
    const { user, server, settle } = begin([acme, second, uber]);
    server.answer('AcceptSuggestions', () =>
      accepted([
        { bankTransaction: settle('acme'), errors: [] },
        {
          bankTransaction: null,
          errors: [
            {
              __typename: 'SimpleError',
              code: 'CONFLICT',
              message: 'Sam matched it meanwhile.',
              field: null,
            },
          ],
        },
      ]),
    );
    await take(user, /ACME CORP/);
    await user.keyboard('xjxjx');
    const bar = await screen.findByRole('region', { name: 'Marked lines' });
    expect(bar.textContent).toContain('3 marked');
    await user.click(within(bar).getByRole('button', { name: 'Accept suggestions' }));
    const results = await within(bar).findByRole('alert');
    const rows = within(results).getAllByRole('listitem');
    expect(rows.map(({ textContent }) => textContent)).toEqual([
      'GLOBEX +10.00 Sam matched it meanwhile.',
      'UBER \u221222.10 Has no suggestion that is sure enough.',
    ]);
    expect(bar.textContent).toContain('2 marked');
    expect(inputOf(server, 'AcceptSuggestions')[0]).toMatchObject({
      atomic: false,
      rows: [
        { bankTransactionId: 'acme', expectedRevision: 1, suggestionId: 'match-0001' },
        { bankTransactionId: 'second', expectedRevision: 1, suggestionId: 'match-0002' },
      ],
    });
    await waitFor(() => expect(screen.queryByRole('option', { name: /ACME CORP/ })).toBeNull());
  });

  it('marks nothing any more when all of them were done', async () => {
    const { user, server, settle } = begin([acme, second, uber]);
    server.answer('AcceptSuggestions', () =>
      accepted([
        { bankTransaction: settle('acme'), errors: [] },
        { bankTransaction: settle('second'), errors: [] },
      ]),
    );
    await take(user, /ACME CORP/);
    await user.keyboard('xjx');
    await user.click(await screen.findByRole('button', { name: 'Accept suggestions' }));
    expect(await screen.findByRole('group', { name: '2 reconciled.' })).toBeDefined();
    expect(screen.queryByRole('region', { name: 'Marked lines' })).toBeNull();
    expect((await list()).textContent).not.toContain('ACME CORP');
  });
});

describe('an excluded line', () => {
  const excluded = makeLine('private', {
    description: 'CINEMA',
    state: 'EXCLUDED',
    bookable: false,
    exclusion: {
      __typename: 'Exclusion',
      reason: 'Private',
      at: '2026-11-18T12:00:00.000Z',
      by: { __typename: 'Actor', name: 'Ada Abbott' },
    } as never,
  });

  it('says why it is, and is put back for review', async () => {
    const { user, server } = begin([excluded], '/reconcile/a1?tab=excluded');
    await take(user, /CINEMA/);
    expect((await pane(/CINEMA/)).textContent).toContain('Excluded: Private');
    await user.click(screen.getByRole('button', { name: 'Put back for review' }));
    await waitFor(() =>
      expect(inputOf(server, 'RestoreTransactions')[0]).toMatchObject({
        items: [{ bankTransactionId: 'private', expectedRevision: 1 }],
      }),
    );
    expect(await screen.findByRole('button', { name: 'For review 1' })).toBeDefined();
  });
});

describe('History', () => {
  it('leads from an act to the pages of its entries', async () => {
    const { user, server } = begin([fee]);
    const act = {
      ...makeAct('act-fee', 'BOOK'),
      bankTransactions: [fee],
      journalEntries: [
        { __typename: 'JournalEntry', id: 'e1', number: '2026-0007' },
        { __typename: 'JournalEntry', id: 'e2', number: null },
      ],
    };
    server.answer('Acts', () => ({ acts: connectionOf('Act', [act]) }));
    await option(/FEE/);
    await user.click(screen.getByRole('button', { name: 'History' }));
    const drawer = await screen.findByRole('dialog', { name: /^History/ });
    const link = await within(drawer).findByRole('link', { name: '2026-0007' });
    expect(link.getAttribute('href')).toBe('/ledger/entries/e1');
    expect(within(drawer).getAllByRole('link')).toHaveLength(1);
  });
});

describe('a possible duplicate', () => {
  it('is booked all the same with a reason', async () => {
    const { user, server } = begin([fee]);
    server.answer('BookTransaction', () => ({
      answer: {
        __typename: 'BookTransactionPayload',
        replayed: false,
        act: null,
        bankTransactions: [],
        errors: [
          {
            __typename: 'PossibleDuplicateError',
            code: 'POSSIBLE_DUPLICATE',
            message: 'It may be booked.',
            field: null,
            candidates: [makeOpenLine('0043', '-15.00')],
          },
        ],
      },
    }));
    await take(user, /FEE/);
    await user.keyboard('n');
    await user.click(await screen.findByRole('combobox', { name: 'Ledger account' }));
    await user.click(await screen.findByRole('option', { name: /Bank Fees/ }));
    await user.click(screen.getByRole('button', { name: 'Reconcile' }));
    await user.type(await screen.findByRole('textbox', { name: 'Why it is another one' }), 'The second fee');
    await user.click(screen.getByRole('button', { name: 'Create anyway' }));
    await waitFor(() =>
      expect(inputOf(server, 'BookTransaction')[1]).toMatchObject({ duplicateReason: 'The second fee' }),
    );
  });
});
