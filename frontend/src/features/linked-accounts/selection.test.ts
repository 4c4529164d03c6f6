import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { every, extended, NONE, toggled, upTo } from './selection';

const ORDER = ['a', 'b', 'c', 'd', 'e'];
const ids = ({ ids: chosen }: { ids: ReadonlySet<string> }) => [...chosen].sort();

describe('the chosen rows', () => {
  it('are none at first', () => {
    expect(ids(NONE)).toEqual([]);
  });

  it('come and go one by one', () => {
    expect(ids(toggled(toggled(toggled(NONE, 'a'), 'c'), 'a'))).toEqual(['c']);
  });

  it('go in a range from the one that was touched last, in either direction', () => {
    expect(ids(upTo(toggled(NONE, 'b'), 'd', ORDER))).toEqual(['b', 'c', 'd']);
    expect(ids(upTo(toggled(NONE, 'd'), 'b', ORDER))).toEqual(['b', 'c', 'd']);
  });

  it('begin a range where the one that was touched last is gone', () => {
    expect(ids(upTo({ ids: new Set(), anchor: 'gone' }, 'c', ORDER))).toEqual(['c']);
  });

  it('grow row by row with Shift and an arrow, and end at the last row', () => {
    const two = extended(NONE, 'd', 1, ORDER);
    expect(ids(two)).toEqual(['d', 'e']);
    expect(ids(extended(two, 'e', 1, ORDER))).toEqual(['d', 'e']);
    expect(ids(extended(two, 'd', -1, ORDER))).toEqual(['c', 'd', 'e']);
  });

  it('are all of them', () => {
    expect(ids(every(ORDER))).toEqual(ORDER);
  });

  it('always hold the row that was chosen, and no row that is not there', () => {
    const row = fc.constantFrom(...ORDER);
    fc.assert(
      fc.property(fc.array(row), row, (touched, last) => {
        const chosen = upTo(touched.reduce(toggled, NONE), last, ORDER);
        expect(chosen.ids.has(last)).toBe(true);
        expect([...chosen.ids].every((id) => ORDER.includes(id))).toBe(true);
      }),
    );
  });
});
