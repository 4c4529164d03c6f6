import { act, renderHook } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { makeLine } from '@/testing/bank-lines';
import { useSteadyLines } from './use-steady-lines';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => makeLine(id)) as [Line, Line, Line, Line];
type Line = ReturnType<typeof makeLine>;

function begin(latest: Line[], held = true, mine: Line[] = []) {
  const dealtWith = new Map(mine.map((line) => [line.id, line]));
  const { result, rerender } = renderHook(
    (given: { latest: Line[]; held: boolean; view: string }) =>
      useSteadyLines(given.latest, given.held, given.view, true, dealtWith),
    { initialProps: { latest, held, view: 'one' } },
  );
  const ids = () => result.current.lines.map(({ id }) => id).join('');
  const see = (next: Line[], stillHeld = true, view = 'one') =>
    rerender({ latest: next, held: stillHeld, view });
  return { result, ids, see };
}

describe('useSteadyLines', () => {
  it('keeps a line that is gone, and appends what follows', () => {
    const { ids, see } = begin([a, b]);
    see([b, c]);
    expect(ids()).toBe('abc');
  });

  it('lets a line in between wait until it is asked for', () => {
    const { ids, see, result } = begin([a, c]);
    see([a, b, c, d]);
    expect(ids()).toBe('acd');
    expect(result.current.waiting).toBe(1);
    act(() => result.current.settle());
    expect(ids()).toBe('abcd');
    expect(result.current.waiting).toBe(0);
  });

  it('shows at once what the person brought back', () => {
    const { ids, see, result } = begin([a, c], true, [b]);
    see([a, b, c]);
    expect(ids()).toBe('abc');
    expect(result.current.waiting).toBe(0);
  });

  it('repaints a line where it stands', () => {
    const { result, see } = begin([a, b]);
    see([{ ...a, state: 'RECONCILED' }, b]);
    expect(result.current.lines.map(({ state }) => state)).toEqual(['RECONCILED', 'REVIEW']);
  });

  it('follows the server when nobody works on the list, and in another view', () => {
    const { ids, see } = begin([a, b]);
    see([b, c], false);
    expect(ids()).toBe('bc');
    see([d], true, 'two');
    expect(ids()).toBe('d');
  });
});
