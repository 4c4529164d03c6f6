/** Which rows are chosen, and from which one a range goes on. */
export interface Chosen {
  ids: ReadonlySet<string>;
  anchor: string | null;
}

export const NONE: Chosen = { ids: new Set(), anchor: null };

/** The row in, or out when it was in. */
export function toggled({ ids }: Chosen, id: string): Chosen {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/** All rows from the one that was touched last to this one; this one alone when there was none. */
export function upTo(chosen: Chosen, id: string, order: readonly string[]): Chosen {
  const here = order.indexOf(id);
  const there = chosen.anchor === null ? here : order.indexOf(chosen.anchor);
  const from = there < 0 ? here : there;
  const range = order.slice(Math.min(from, here), Math.max(from, here) + 1);
  return { ids: new Set([...chosen.ids, ...range]), anchor: order[from] ?? null };
}

/** This row and the one `step` rows on, as Shift with an arrow chooses; the anchor stays. */
export function extended(chosen: Chosen, id: string, step: 1 | -1, order: readonly string[]): Chosen {
  const next = order[order.indexOf(id) + step] ?? id;
  const { ids } = upTo({ ids: chosen.ids, anchor: id }, next, order);
  return { ids, anchor: next };
}

export const every = (order: readonly string[]): Chosen => ({
  ids: new Set(order),
  anchor: order.at(-1) ?? null,
});
