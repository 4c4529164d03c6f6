import type { RegisterQuery } from '@/graphql/generated/operations';
import type { Money } from '@/lib/money';

export type Register = NonNullable<RegisterQuery['ledgerAccount']>['register'];

/** A line of the register; `amount` is in the currency that its balance runs in. */
export interface RegisterRow {
  id: string;
  line: Register['nodes'][number]['line'];
  amount: Money;
  runningBalance: Money;
}

export function toRow({ line, runningBalance }: Register['nodes'][number], currency: string): RegisterRow {
  const amount = line.amount.currency === currency ? line.amount : line.baseAmount;
  return { id: line.id, line, amount, runningBalance };
}

export const memoOf = ({ line: { memo, journalEntry } }: RegisterRow): string =>
  [journalEntry.contact, memo ?? journalEntry.memo].filter(Boolean).join(' · ');
