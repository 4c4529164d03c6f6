import { useThrottledCallback } from '@mantine/hooks';
import type { ChangeType } from '@/graphql/generated/operations';
import { useLive } from '@/graphql/use-live';

/** At most one reading in this time, however much is posted. */
const PAUSE = 2_000;
const BOOKS: ChangeType[] = ['LEDGER_ACCOUNT', 'JOURNAL_ENTRY', 'ACT', 'ORGANIZATION'];

/** Reads again when something happened in the books. */
export function useLiveBooks(refetch: () => unknown): void {
  const readSoon = useThrottledCallback(() => void refetch(), PAUSE);
  useLive({
    onChanges: (changes) => {
      if (changes.some(({ type }) => BOOKS.includes(type))) readSoon();
    },
    onResync: () => readSoon(),
  });
}
