import { describe, expect, it } from 'vitest';
import { makeLine, money } from '@/testing/bank-lines';
import { choicesFor } from './decision-words';
import type { Line } from './outcome';

const reported = (given: Partial<NonNullable<Line['reviewItem']>>) =>
  choicesFor(
    makeLine('one', {
      amount: money('-100.00'),
      reviewItem: {
        __typename: 'ReviewItem',
        id: 'r1',
        kind: 'CHANGED',
        reportedOn: '2026-11-18',
        raisedAt: '2026-11-18T12:00:00.000Z',
        reportedAmount: money('-120.00'),
        difference: money('-20.00'),
        ...given,
      } as never,
    }),
  );
const accept = (given: Parameters<typeof reported>[0]) => reported(given)[0]?.text;

describe('what each way to decide will do', () => {
  it('is nothing where nothing waits', () => expect(choicesFor(makeLine('one'))).toEqual([]));

  it('leaves a rest of the entry where the bank has less', () =>
    expect(accept({ reportedAmount: money('-70.00'), difference: money('30.00') })).toBe(
      'The line becomes \u221270.00; 30.00 of its entry is outstanding.',
    ));

  it('leaves all of both where the sign turned, or the currency', () => {
    const text = 'The line becomes +20.00 and is open. Its entry stays in the books, outstanding.';
    expect(accept({ reportedAmount: money('20.00'), difference: money('120.00') })).toBe(text);
    expect(accept({ reportedAmount: money('20.00', 'EUR'), difference: null })).toBe(text);
  });

  it('has no difference to post where only the date changed, or the currency', () => {
    const date = reported({ reportedAmount: money('-100.00'), difference: money('0.00') });
    expect(date[0]?.text).toBe('The line is dated 18 Nov 2026; its amount stays reconciled.');
    expect(date.map(({ choice }) => choice)).not.toContain('adjust');
    expect(reported({ difference: null }).map(({ choice }) => choice)).not.toContain('adjust');
  });

  it('books nothing anew where nothing is left', () => {
    const gone = { kind: 'WITHDRAWN' as const, reportedAmount: null, difference: money('100.00') };
    expect(reported(gone).map(({ title }) => title)).toEqual([
      'Let the line go',
      'Post the difference',
      'Reverse the entry',
      'It is another line',
      'Undo the match',
      'Keep what is booked',
    ]);
  });
});
