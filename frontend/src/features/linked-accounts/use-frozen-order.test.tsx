import { act, renderHook } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { useFrozenOrder } from './use-frozen-order';

const rows = (...ids: string[]) => ids.map((id) => ({ id }));
const show = (first: string[]) =>
  renderHook(({ ids, frozen, view }) => useFrozenOrder(rows(...ids), frozen, view), {
    initialProps: { ids: first, frozen: true, view: 'by name' },
  });
const idsOf = ({ rows: shown }: { rows: { id: string }[] }) => shown.map(({ id }) => id);

describe('useFrozenOrder', () => {
  it('moves no row while a person works, and says that the order changed', () => {
    const { result, rerender } = show(['a', 'b', 'c']);
    rerender({ ids: ['c', 'a', 'b'], frozen: true, view: 'by name' });
    expect(idsOf(result.current)).toEqual(['a', 'b', 'c']);
    expect(result.current.changed).toBe(true);
  });

  it('moves them when asked', () => {
    const { result, rerender } = show(['a', 'b', 'c']);
    rerender({ ids: ['c', 'a', 'b'], frozen: true, view: 'by name' });
    act(() => result.current.resort());
    expect(idsOf(result.current)).toEqual(['c', 'a', 'b']);
    expect(result.current.changed).toBe(false);
  });

  it('moves them when the person has left', () => {
    const { result, rerender } = show(['a', 'b']);
    rerender({ ids: ['b', 'a'], frozen: true, view: 'by name' });
    rerender({ ids: ['b', 'a'], frozen: false, view: 'by name' });
    expect(idsOf(result.current)).toEqual(['b', 'a']);
  });

  it('lets go of a row that is gone, and puts a new one at the end', () => {
    const { result, rerender } = show(['a', 'b', 'c']);
    rerender({ ids: ['new', 'a', 'c'], frozen: true, view: 'by name' });
    expect(idsOf(result.current)).toEqual(['a', 'c', 'new']);
    expect(result.current.changed).toBe(true);
  });

  it('says nothing of another order when a row is only gone', () => {
    const { result, rerender } = show(['a', 'b', 'c']);
    rerender({ ids: ['a', 'c'], frozen: true, view: 'by name' });
    expect(idsOf(result.current)).toEqual(['a', 'c']);
    expect(result.current.changed).toBe(false);
  });

  it('appends what was read on by scrolling', () => {
    const { result, rerender } = show(['a', 'b']);
    rerender({ ids: ['a', 'b', 'c'], frozen: true, view: 'by name' });
    expect(idsOf(result.current)).toEqual(['a', 'b', 'c']);
    expect(result.current.changed).toBe(false);
  });

  it('shows another view as it comes', () => {
    const { result, rerender } = show(['a', 'b']);
    rerender({ ids: ['b', 'a'], frozen: true, view: 'by balance' });
    expect(idsOf(result.current)).toEqual(['b', 'a']);
  });

  it('shows another view also when its rows come later', () => {
    const { result, rerender } = renderHook(
      ({ ids, view, settled }) => useFrozenOrder(rows(...ids), true, view, settled),
      { initialProps: { ids: ['a', 'b'], view: 'by name', settled: true } },
    );
    rerender({ ids: ['a', 'b'], view: 'by balance', settled: false });
    rerender({ ids: ['b', 'a'], view: 'by balance', settled: true });
    expect(idsOf(result.current)).toEqual(['b', 'a']);
    expect(result.current.changed).toBe(false);
    rerender({ ids: ['a', 'b'], view: 'by balance', settled: true });
    expect(idsOf(result.current)).toEqual(['b', 'a']);
  });
});
