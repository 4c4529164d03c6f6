import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, isNegative, isZero, magnitude, sum } from '@/lib/money';
import { planMatch, type PlannedItem } from './match-plan';

const item = (id: string, open: string) => ({ id, open });
const amounts = (items: PlannedItem[]) => items.map(({ amount }) => amount);

describe('planMatch', () => {
  it('takes all of both sides when they add up', () => {
    const plan = planMatch([item('b', '100.00')], [item('j', '60.00'), item('k', '40.00')]);
    expect(plan).toMatchObject({ taken: '100.00', left: '0.00', on: null, possible: true });
    expect(amounts(plan.journal)).toEqual(['60.00', '40.00']);
  });

  it('leaves the rest of a larger bank line open', () => {
    const plan = planMatch([item('b', '-100.00')], [item('j', '-60.00')]);
    expect(plan).toMatchObject({ taken: '-60.00', left: '-40.00', on: 'bank', possible: true });
    expect(amounts(plan.bank)).toEqual(['-60.00']);
  });

  it('takes a part of the last entry when the entries are more', () => {
    const plan = planMatch([item('b', '100.00')], [item('j', '60.00'), item('k', '90.00')]);
    expect(plan).toMatchObject({ taken: '100.00', left: '50.00', on: 'journal', possible: true });
    expect(amounts(plan.journal)).toEqual(['60.00', '40.00']);
  });

  it('takes the part that was typed, and only as much of the bank line', () => {
    const plan = planMatch([item('b', '100.00')], [{ ...item('j', '90.00'), part: '25.00' }]);
    expect(plan).toMatchObject({ taken: '25.00', left: '75.00', on: 'bank', possible: true });
    expect([...amounts(plan.bank), ...amounts(plan.journal)]).toEqual(['25.00', '25.00']);
  });

  it('leaves a typed part alone and takes less of another entry', () => {
    const plan = planMatch(
      [item('b', '100.00')],
      [item('j', '80.00'), { ...item('k', '90.00'), part: '60.00' }],
    );
    expect(amounts(plan.journal)).toEqual(['40.00', '60.00']);
  });

  it('brings a bank error and its correction together without an entry', () => {
    expect(planMatch([item('a', '-5.00'), item('b', '5.00')], []).possible).toBe(true);
  });

  it.each([
    ['different signs', [item('b', '100.00')], [item('j', '-100.00')]],
    ['a typed part that is too much', [item('b', '10.00')], [{ ...item('j', '90.00'), part: '20.00' }]],
    ['nothing picked', [item('b', '100.00')], []],
    [
      'no one part that makes it so',
      [item('b', '10.00')],
      [item('j', '6.00'), item('k', '6.00'), item('l', '6.00')],
    ],
  ])('cannot: %s', (_, bank, journal) => {
    expect(planMatch(bank, journal).possible).toBe(false);
  });

  it('always adds up, within each item and of its sign', () => {
    const cents = fc.integer({ min: -9_999, max: 9_999 }).filter((n) => n !== 0);
    const open = cents.map(
      (n) =>
        `${n < 0 ? '-' : ''}${Math.trunc(Math.abs(n) / 100)}.${String(Math.abs(n) % 100).padStart(2, '0')}`,
    );
    const side = fc
      .array(open, { minLength: 1, maxLength: 4 })
      .map((all) => all.map((one, index) => item(`${index}`, one)));
    fc.assert(
      fc.property(side, side, (bank, journal) => {
        const plan = planMatch(bank, journal);
        if (!plan.possible) return;
        expect(compare(sum(amounts(plan.bank)), sum(amounts(plan.journal)))).toBe(0);
        for (const { open: all, amount } of [...plan.bank, ...plan.journal]) {
          expect(isZero(amount)).toBe(false);
          expect(isNegative(amount)).toBe(isNegative(all));
          expect(compare(magnitude(amount), magnitude(all))).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});
