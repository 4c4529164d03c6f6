/** One step of an order, as the grid keeps it. */
export interface Sort {
  id: string;
  desc: boolean;
}

/** "-date" → by date, descending; a name that is not allowed gives `otherwise`. */
export function readSort(text: string, allowed: Readonly<Record<string, unknown>>, otherwise: Sort): Sort[] {
  const id = text.replace(/^-/, '');
  return Object.hasOwn(allowed, id) ? [{ id, desc: text.startsWith('-') }] : [otherwise];
}

/** The same as text; "" for the order that there is anyway. */
export function writeSort([sort]: readonly Sort[], otherwise: Sort): string {
  if (!sort || (sort.id === otherwise.id && sort.desc === otherwise.desc)) return '';
  return `${sort.desc ? '-' : ''}${sort.id}`;
}
