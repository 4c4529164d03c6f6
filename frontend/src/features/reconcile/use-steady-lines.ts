import { useState } from 'react';
import type { Line } from './outcome';

interface Steady {
  lines: Line[];
  /** How many lines came in between and are not shown yet. */
  waiting: number;
  /** Shows the lines as the server has them now. */
  settle: () => void;
}

const same = (one: readonly Line[], other: readonly Line[]) =>
  one.length === other.length && one.every((line, index) => line === other[index]);

/** The shown lines with their newest words, and those that follow them; nothing moves or leaves. */
function merge(shown: readonly Line[], latest: readonly Line[]): Line[] {
  const byId = new Map(latest.map((line) => [line.id, line]));
  const known = new Set(shown.map(({ id }) => id));
  const last = latest.findLastIndex(({ id }) => known.has(id));
  return [...shown.map((line) => byId.get(line.id) ?? line), ...latest.slice(last + 1)];
}

/**
 * Keeps lines where they are while a person works on them (`held`): a line that somebody else dealt
 * with stays, repainted, and a new one in between waits. Another `view` is shown as it comes, as
 * soon as its own lines are there (`settled`). What the person brought back (one of `mine`) does not
 * wait.
 */
export function useSteadyLines(
  latest: readonly Line[],
  held: boolean,
  view: unknown,
  settled: boolean,
  mine: ReadonlyMap<string, Line>,
): Steady {
  const [shown, setShown] = useState<{ view: unknown; lines: Line[] }>({ view, lines: [] });
  const known = new Set(shown.lines.map(({ id }) => id));
  const returned = latest.some(({ id }) => mine.has(id) && !known.has(id));
  const follow = !held || returned || shown.lines.length === 0 || shown.view !== view;
  const lines = follow ? [...latest] : merge(shown.lines, latest);
  const seen = settled ? view : shown.view;
  if (!same(lines, shown.lines) || seen !== shown.view) setShown({ view: seen, lines });
  const ids = new Set(lines.map(({ id }) => id));
  return {
    lines: same(lines, shown.lines) ? shown.lines : lines,
    waiting: latest.filter(({ id }) => !ids.has(id)).length,
    settle: () => setShown({ view, lines: [...latest] }),
  };
}
