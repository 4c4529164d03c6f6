import { createContext, use, useMemo } from 'react';
import { every, extended, NONE, toggled, upTo, type Chosen } from './selection';

export interface Selection {
  ids: ReadonlySet<string>;
  /** True when every row that is shown is chosen. */
  all: boolean;
  toggle: (id: string) => void;
  /** All rows from the one that was touched last to this one. */
  rangeTo: (id: string) => void;
  extend: (id: string, step: 1 | -1) => void;
  chooseAll: () => void;
  clear: () => void;
}

export const SelectionContext = createContext<Selection | null>(null);

/** The chosen rows, from within a list of rows. */
export function useSelection(): Selection {
  const selection = use(SelectionContext);
  if (!selection) throw new Error('useSelection is used outside of a list of accounts.');
  return selection;
}

/** What one can do to `chosen`, over the rows in the order in which they are shown. */
export function useSelecting(
  rows: readonly { id: string }[],
  chosen: Chosen,
  onChoose: (change: (before: Chosen) => Chosen) => void,
): Selection {
  return useMemo(() => {
    const order = rows.map(({ id }) => id);
    return {
      ids: chosen.ids,
      all: order.length > 0 && order.every((id) => chosen.ids.has(id)),
      toggle: (id) => onChoose((before) => toggled(before, id)),
      rangeTo: (id) => onChoose((before) => upTo(before, id, order)),
      extend: (id, step) => onChoose((before) => extended(before, id, step, order)),
      chooseAll: () => onChoose(() => every(order)),
      clear: () => onChoose(() => NONE),
    };
  }, [rows, chosen, onChoose]);
}
