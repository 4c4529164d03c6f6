import { formatDecimal, isNegative, isZero, magnitude } from '@/lib/money';

/** What stands in the debit column of a line: "1,240.00", or "" for a credit. */
export const debitWords = (amount: string): string =>
  isNegative(amount) || isZero(amount) ? '' : formatDecimal(amount);

export const creditWords = (amount: string): string =>
  isNegative(amount) ? formatDecimal(magnitude(amount)) : '';
