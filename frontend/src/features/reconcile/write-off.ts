import { compare, isZero, magnitude, type Money } from '@/lib/money';
import type { LedgerChoice } from './coding-draft';

/** Where a small difference goes. */
export interface WriteOffDraft {
  /** Whether a person wants it written off. */
  wanted: boolean;
  account: LedgerChoice | null;
}

export const noWriteOff: WriteOffDraft = { wanted: false, account: null };

/**
 * Whether what a match leaves may be written off: there is a limit, and it is not above it. The
 * limit is in the base currency, so a difference in another one is not offered.
 */
export function mayWriteOff(left: Money, limit: Money): boolean {
  if (left.currency !== limit.currency || isZero(left.amount)) return false;
  return compare(magnitude(left.amount), limit.amount) <= 0;
}
