import { useState } from 'react';

interface Frozen<Row> {
  rows: Row[];
  /** True when the server's order is another one than the shown one. */
  changed: boolean;
  /** Shows the server's order now. */
  resort: () => void;
}

/**
 * Keeps rows where they are while a person works on them: rows that are gone leave and changed rows
 * repaint, but none moves and none comes in between until `frozen` ends or `resort` is called: new
 * ones, and those that are read on by scrolling, are appended. Another `view` is shown as it comes: until its
 * rows are there (`settled`) those of the last one stay.
 */
export function useFrozenOrder<Row extends { id: string }>(
  latest: Row[],
  frozen: boolean,
  view: unknown,
  settled = true,
): Frozen<Row> {
  const [order, setOrder] = useState<string[]>([]);
  const [shownView, setShownView] = useState(view);
  const ids = latest.map(({ id }) => id);
  const same = ids.length === order.length && ids.every((id, index) => id === order[index]);
  const byId = new Map(latest.map((row) => [row.id, row]));
  const kept = order.filter((id) => byId.has(id));
  const grown = order.length > 0 && kept.every((id, index) => id === ids[index]);
  const follow = !frozen || order.length === 0 || shownView !== view || grown;
  if (shownView !== view && settled) setShownView(view);
  if (!same && follow) setOrder(ids);
  if (same || follow) return { rows: latest, changed: false, resort: () => undefined };
  const known = new Set(order);
  const shown = [...kept, ...ids.filter((id) => !known.has(id))];
  const rows = shown.flatMap((id) => byId.get(id) ?? []);
  return { rows, changed: true, resort: () => setOrder(ids) };
}
