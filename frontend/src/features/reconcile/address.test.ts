import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAddress, TABS, toVariables, writeAddress, type Tab } from './address';

describe('the view in the address', () => {
  it('ignores what it does not know, and says nothing of what is as it would be anyway', () => {
    const view = readAddress('?from=soon&tab=nowhere&way=up');
    expect(view).toEqual({ from: '', to: '', tab: 'review', search: '', way: '' });
    expect(writeAddress(view)).toBe('');
  });

  it('comes back as it was written', () => {
    const date = fc.constantFrom('', '2026-11-01', '2026-11-30');
    const view = fc.record({
      from: date,
      to: date,
      tab: fc.constantFrom(...(Object.keys(TABS) as Tab[])),
      search: fc.string().map((text) => text.trim()),
      way: fc.constantFrom('' as const, 'in' as const, 'out' as const),
    });
    fc.assert(
      fc.property(view, (one) => {
        expect(readAddress(writeAddress(one))).toEqual(one);
      }),
      { numRuns: 100 },
    );
  });

  it('asks the server for the lines of the tab in these days', () => {
    expect(toVariables('a1', readAddress('?from=2026-11-01&to=2026-11-30&way=out'))).toEqual({
      accountId: 'a1',
      first: 50,
      search: null,
      where: {
        state: { in: ['REVIEW', 'PENDING'] },
        datedOn: { gte: '2026-11-01', lte: '2026-11-30' },
        amount: { lt: '0' },
      },
    });
  });
});
