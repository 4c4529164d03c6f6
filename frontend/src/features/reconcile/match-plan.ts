import { compare, isNegative, isZero, magnitude, negate, subtract, sum } from '@/lib/money';

/** What is open on one side of a match: a bank line's remainder, or a journal line's. */
export interface OpenItem {
  id: string;
  /** Signed, not zero. */
  open: string;
  /** What a person wants taken of it, of its sign; left out: all of it, or what the other side needs. */
  part?: string | undefined;
}

export interface PlannedItem extends OpenItem {
  /** What the match takes of it, of its sign. */
  amount: string;
}

/**
 * How two sides are brought together: `left` is what stays open of the larger one (signed, zero when
 * all is taken), `on` names that side. Not `possible`: the smaller side cannot be met by taking a
 * part of one item.
 */
export interface MatchPlan {
  bank: PlannedItem[];
  journal: PlannedItem[];
  taken: string;
  left: string;
  on: 'bank' | 'journal' | null;
  possible: boolean;
}

const given = ({ open, part }: OpenItem): string => part ?? open;

const whole = (items: readonly OpenItem[]): PlannedItem[] =>
  items.map((item) => ({ ...item, amount: given(item) }));

/**
 * Takes `excess` off the last item that can give it and stays of its sign; null when none can. What a
 * person typed stays as it is.
 */
function reduce(items: readonly OpenItem[], excess: string): PlannedItem[] | null {
  const gives = ({ open, part }: OpenItem) =>
    part === undefined &&
    isNegative(open) === isNegative(excess) &&
    compare(magnitude(open), magnitude(excess)) > 0;
  const last = items.findLastIndex(gives);
  if (last < 0) return null;
  return whole(items).map((item, index) =>
    index === last ? { ...item, amount: subtract(item.open, excess) } : item,
  );
}

/** Which side has more of the same sign; null when the two are of different signs or equal. */
function larger(bank: string, journal: string): 'bank' | 'journal' | null {
  if (isZero(bank) || isZero(journal) || isNegative(bank) !== isNegative(journal)) return null;
  const order = compare(magnitude(bank), magnitude(journal));
  return order === 0 ? null : order > 0 ? 'bank' : 'journal';
}

/** Takes what is given of both sides, or all that is of the smaller and a part of the larger. */
export function planMatch(bank: readonly OpenItem[], journal: readonly OpenItem[]): MatchPlan {
  const [ofBank, ofJournal] = [sum(bank.map(given)), sum(journal.map(given))];
  const all = { bank: whole(bank), journal: whole(journal), taken: ofBank, on: null };
  const left = subtract(ofBank, ofJournal);
  if (bank.length + journal.length > 1 && isZero(left)) return { ...all, left, possible: true };
  const on = larger(ofBank, ofJournal);
  const reduced =
    on === 'bank' ? reduce(bank, left) : on === 'journal' ? reduce(journal, negate(left)) : null;
  if (on === null || reduced === null) return { ...all, left, possible: false };
  return on === 'bank'
    ? { ...all, bank: reduced, taken: ofJournal, left, on, possible: true }
    : { ...all, journal: reduced, taken: ofBank, left: negate(left), on, possible: true };
}
