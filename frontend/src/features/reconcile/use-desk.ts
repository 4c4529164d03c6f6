import { createContext, use } from 'react';
import type { Money } from '@/lib/money';
import type { Separators } from '@/lib/typed-amount';
import type { Line, Outcome } from './outcome';
import type { Acts } from './use-acts';

export type Mode = 'match' | 'new' | 'transfer' | 'split';

/** What the parts of one line's pane share: what one can do, and what happens after it. */
export interface Desk {
  bankAccountId: string;
  /** "Operating ••4021". */
  accountName: string;
  baseCurrency: string;
  /** The largest difference that may be written off, in base; zero: none. */
  writeOffLimit: Money;
  /** The last rate of each currency, to propose. */
  rates: ReadonlyMap<string, string>;
  separators: Separators;
  acts: Acts;
  /** Moves on, says it and offers to undo it. @returns whether it was done */
  finish: (outcome: Outcome, words: string) => boolean;
  /** The lines that are marked, in their order; the line in hand is not always one of them. */
  marked: readonly Line[];
  openUndo: (actId: string) => void;
  openExclude: (lines: readonly Line[]) => void;
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = use(DeskContext);
  if (!desk) throw new Error('This part of the Reconcile page stands outside of it.');
  return desk;
}
