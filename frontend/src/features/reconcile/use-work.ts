import { useThrottledCallback } from '@mantine/hooks';
import { useEffect, useMemo, useState } from 'react';
import { ReconcileLinesDocument, type ReconcileLinesQuery } from '@/graphql/generated/operations';
import { usePages } from '@/graphql/use-pages';
import { isOnTab, toVariables, type View } from './address';
import type { Line } from './outcome';
import { useSteadyLines } from './use-steady-lines';

/** At most one reading of the shown pages in this time, however much changes. */
const PAUSE = 3_000;
const NONE: ReadonlySet<string> = new Set();
const NOTHING: ReadonlyMap<string, Line> = new Map();

const selectLines = (found: ReconcileLinesQuery) => found.bankAccount?.transactions;

/** The lines that stand between two, both included, in the order of the list. */
function between(lines: readonly Line[], one: string, other: string): string[] {
  const [a, b] = [lines.findIndex(({ id }) => id === one), lines.findIndex(({ id }) => id === other)];
  return lines.slice(Math.max(0, Math.min(a, b)), Math.max(a, b) + 1).map(({ id }) => id);
}

const newer = (line: Line, other: Line | undefined): Line =>
  other && other.revision > line.revision ? other : line;

/** The marked lines. A range goes from where the last mark was set. */
function useMarks(lines: readonly Line[]) {
  const [ids, setIds] = useState(NONE);
  const [anchor, setAnchor] = useState<string | null>(null);
  const mark = (id: string, range: boolean) => {
    if (range && anchor !== null) setIds(new Set([...ids, ...between(lines, anchor, id)]));
    else setIds(ids.has(id) ? new Set([...ids].filter((one) => one !== id)) : new Set([...ids, id]));
    if (!range || anchor === null) setAnchor(id);
  };
  const clear = () => {
    setIds(NONE);
    setAnchor(null);
  };
  const unmark = (done: ReadonlySet<string>) => setIds(new Set([...ids].filter((id) => !done.has(id))));
  const marked = useMemo(() => lines.filter(({ id }) => ids.has(id)), [lines, ids]);
  return { ids, marked, mark, clear, unmark };
}

/**
 * The lines of a tab and which of them is in hand. Lines that the person's own acts took to another
 * tab leave at once; what others do repaints a line where it is, until nobody works on the list.
 */
export function useWork(accountId: string, view: View) {
  const variables = useMemo(() => toVariables(accountId, view), [accountId, view]);
  const pages = usePages(ReconcileLinesDocument, variables, selectLines);
  const { refetch } = pages;
  const [mine, setMine] = useState(NOTHING);
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  const [wanted, setWanted] = useState<{ id: string; at: number } | null>(null);
  const steady = useSteadyLines(pages.rows, pointed || focused, variables, !pages.fetching, mine);
  const lines = useMemo(
    () =>
      steady.lines
        .map((line) => newer(line, mine.get(line.id)))
        .filter(({ id, state }) => isOnTab(state, view.tab) || !mine.has(id)),
    [steady.lines, mine, view.tab],
  );
  const marks = useMarks(lines);
  const readSoon = useThrottledCallback(() => void refetch(), PAUSE);
  // what the cache has of a tab that was shown before may be old
  useEffect(() => void refetch(), [variables, refetch]);

  const found = wanted ? lines.findIndex(({ id }) => id === wanted.id) : -1;
  const at = found >= 0 ? found : Math.min(wanted?.at ?? 0, lines.length - 1);
  const line = lines[at] ?? null;
  const take = (id: string) =>
    setWanted({
      id,
      at: Math.max(
        0,
        lines.findIndex((one) => one.id === id),
      ),
    });

  return {
    pages,
    lines,
    line,
    waiting: steady.waiting,
    settle: steady.settle,
    marked: marks.marked,
    markedIds: marks.ids,
    mark: marks.mark,
    clearMarks: marks.clear,
    take,
    /** Where the pointer or the focus is, nothing moves by itself. */
    setPointed,
    setFocused,
    readSoon,
    /** Goes on to the line after (or before) the one in hand; at an end it stays. */
    step: (by: number, range: boolean) => {
      const next = lines[Math.max(0, Math.min(lines.length - 1, at + by))];
      if (!next || !line) return;
      if (range) {
        if (!marks.ids.has(line.id)) marks.mark(line.id, false);
        marks.mark(next.id, true);
      }
      take(next.id);
    },
    /** These lines were dealt with: those that left the tab go, and the next one comes to hand. */
    moveOn: (done: readonly Line[]) => {
      const gone = new Set(done.filter(({ state }) => !isOnTab(state, view.tab)).map(({ id }) => id));
      setMine((before) => new Map([...before, ...done.map((line) => [line.id, line] as const)]));
      const staying = lines.filter(({ id }) => !gone.has(id));
      const next = lines.slice(at).find(({ id }) => !gone.has(id)) ?? staying.at(-1);
      if (line && gone.has(line.id)) setWanted(next ? { id: next.id, at: staying.indexOf(next) } : null);
      marks.unmark(new Set(done.map(({ id }) => id)));
    },
  };
}

export type Work = ReturnType<typeof useWork>;
