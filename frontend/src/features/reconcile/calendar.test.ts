import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayBeside, daysOf, monthBeside, monthOf, monthWords, recentMonths } from './calendar';

describe('months', () => {
  it.each([
    ['2026-11', '2026-11-30'],
    ['2026-02', '2026-02-28'],
    ['2028-02', '2028-02-29'],
    ['2100-02', '2100-02-28'],
    ['2026-12', '2026-12-31'],
  ])('%s ends on %s', (month, last) => {
    expect(daysOf(month)).toEqual({ from: `${month}-01`, to: last });
  });

  it('are named, and known by their days', () => {
    expect(monthWords('2026-11')).toBe('Nov 2026');
    expect(monthOf({ from: '2026-11-01', to: '2026-11-30' })).toBe('2026-11');
    expect(monthOf({ from: '2026-11-02', to: '2026-11-30' })).toBeNull();
    expect(monthOf({ from: '', to: '' })).toBeNull();
    expect(recentMonths('2026-02-14', 3)).toEqual(['2026-02', '2026-01', '2025-12']);
  });

  it('lead there and back', () => {
    const month = fc.tuple(fc.integer({ min: 1970, max: 2200 }), fc.integer({ min: 1, max: 12 }));
    fc.assert(
      fc.property(month, ([year, number]) => {
        const text = `${year}-${String(number).padStart(2, '0')}`;
        expect(monthBeside(monthBeside(text, 1), -1)).toBe(text);
        expect(dayBeside(daysOf(text).to, 1)).toBe(daysOf(monthBeside(text, 1)).from);
      }),
      { numRuns: 100 },
    );
  });
});
