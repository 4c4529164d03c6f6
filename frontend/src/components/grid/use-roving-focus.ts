import { useLayoutEffect, useRef, type FocusEvent, type KeyboardEvent, type RefObject } from 'react';

/** A place in the grid: row 0 is the heading; `nth` counts the stops within one cell. */
interface Spot {
  row: number;
  column: number;
  nth: number;
}

interface Options {
  grid: RefObject<HTMLElement | null>;
  /** Body rows that there are, drawn or not. */
  rowCount: number;
  /** The column in which the tab stop stands at first, from 1. */
  firstColumn: number;
  /** The row that holds the tab stop, from 0, the heading. */
  activeRow: number;
  setActiveRow: (row: number) => void;
  /** Rows that a page key moves by. */
  pageSize: () => number;
  /** Brings body row `index` (from 0) into sight. */
  scrollTo: (index: number) => void;
}

const STOP = '[data-stop]';
const stopsIn = (element: Element | null | undefined) => [
  ...(element?.querySelectorAll<HTMLElement>(STOP) ?? []),
];

function cellStops(cell: HTMLElement): HTMLElement[] {
  return cell.matches(STOP) ? [cell] : stopsIn(cell);
}

function spotOf(element: Element): Spot | null {
  const cell = element.closest<HTMLElement>('[aria-colindex]');
  const row = cell?.closest<HTMLElement>('[data-row]');
  if (!cell || !row) return null;
  const nth = cellStops(cell).findIndex((stop) => stop === element || stop.contains(element));
  return {
    row: Number(row.dataset.row),
    column: Number(cell.ariaColIndex ?? cell.getAttribute('aria-colindex')),
    nth: Math.max(0, nth),
  };
}

function find(grid: HTMLElement, { row, column, nth }: Spot): HTMLElement | undefined {
  const line = grid.querySelector(`[data-row="${row}"]`);
  const cell = line?.querySelector<HTMLElement>(`[aria-colindex="${column}"]`);
  if (!cell) return stopsIn(line)[0];
  const stops = cellStops(cell);
  return stops[Math.min(nth, stops.length - 1)];
}

/** The element to the left or right, by −1 or +1, in the same row; at an end, itself. */
function beside(element: HTMLElement, step: number): HTMLElement | undefined {
  const stops = stopsIn(element.closest('[data-row]'));
  const index = stops.indexOf(element);
  return stops[Math.max(0, Math.min(stops.length - 1, index + step))];
}

/** Rows that a key moves by; undefined for a key that does not move up or down. */
function rowStep(event: KeyboardEvent, pageSize: number): number | undefined {
  const far = Number.MAX_SAFE_INTEGER;
  if (event.ctrlKey || event.metaKey) return { Home: -far, End: far }[event.key];
  return { ArrowDown: 1, ArrowUp: -1, PageDown: pageSize, PageUp: -pageSize }[event.key];
}

function columnStep(event: KeyboardEvent): number | undefined {
  return { ArrowRight: 1, ArrowLeft: -1, Home: -1000, End: 1000 }[event.key];
}

/**
 * One tab stop for the whole grid; arrows, Home, End, Ctrl+Home, Ctrl+End and the page keys move it.
 * Stops are the elements marked `data-stop` within `[aria-colindex]` within `[data-row]`.
 */
export function useRovingFocus(options: Options) {
  const { grid, rowCount, firstColumn, activeRow, setActiveRow, pageSize, scrollTo } = options;
  const active = useRef<Spot>({ row: rowCount > 0 ? 1 : 0, column: firstColumn, nth: 0 });
  const held = useRef(false);
  const wanted = useRef(false);

  useLayoutEffect(() => {
    const element = grid.current;
    if (!element) return;
    const { activeElement } = document;
    const focused = activeElement && element.contains(activeElement) ? spotOf(activeElement) : null;
    if (focused && !wanted.current) active.current = focused;
    const current = find(element, active.current) ?? stopsIn(element)[0];
    for (const stop of stopsIn(element)) stop.tabIndex = stop === current ? 0 : -1;
    const lost = held.current && activeElement === document.body;
    if ((wanted.current || lost) && current) current.focus();
    wanted.current = false;
  });

  const moveTo = (spot: Spot) => {
    active.current = spot;
    if (spot.row > 0) scrollTo(spot.row - 1);
    const present = grid.current && find(grid.current, spot);
    wanted.current = !present;
    present?.focus();
    setActiveRow(spot.row);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const here = event.target instanceof HTMLElement && event.target.matches(STOP) ? event.target : null;
    const spot = here && spotOf(here);
    if (!spot || event.altKey) return;
    const vertical = rowStep(event, pageSize());
    const sideways = columnStep(event);
    if (vertical !== undefined) {
      const first = vertical < -1 ? 1 : 0;
      moveTo({ ...spot, row: Math.max(Math.min(first, rowCount), Math.min(rowCount, spot.row + vertical)) });
    } else if (sideways !== undefined) beside(here, sideways)?.focus();
    else return;
    event.preventDefault();
  };

  const onFocus = (event: FocusEvent) => {
    const spot = spotOf(event.target);
    held.current = true;
    if (!spot || !grid.current) return;
    active.current = spot;
    for (const stop of stopsIn(grid.current)) stop.tabIndex = stop === event.target ? 0 : -1;
    setActiveRow(spot.row);
  };

  /** Not called when the row with the focus is gone: then the focus goes to the row in its place. */
  const onBlur = ({ currentTarget, relatedTarget }: FocusEvent) => {
    held.current = currentTarget.contains(relatedTarget);
  };

  return { activeRow, onKeyDown, onFocus, onBlur, moveTo };
}
