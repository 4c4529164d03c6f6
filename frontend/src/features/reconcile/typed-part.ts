import { compare, digitsOf, isZero, magnitude, withSignOf } from '@/lib/money';
import { readAmount, type Separators } from '@/lib/typed-amount';

/** What a person typed to take of an open amount. */
export interface TypedPart {
  /** Of the sign of what is open; undefined while nothing usable is typed. */
  part: string | undefined;
  /** Why it can't be taken, in words. */
  problem: string | undefined;
}

/** Reads a part of `open`, typed with or without its sign. */
export function readPart(typed: string, open: string, separators: Separators): TypedPart {
  if (typed.trim() === '') return { part: undefined, problem: undefined };
  const read = readAmount(typed, digitsOf(open), separators);
  if (read === null) return { part: undefined, problem: 'This can’t be read.' };
  if (isZero(read)) return { part: undefined, problem: 'Take more than zero, or leave the entry out.' };
  if (compare(magnitude(read), magnitude(open)) > 0)
    return { part: undefined, problem: 'This is more than is open.' };
  return { part: withSignOf(read, open), problem: undefined };
}
