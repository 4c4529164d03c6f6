import { useThrottledCallback } from '@mantine/hooks';
import { useLive } from '@/graphql/use-live';

/** At most one reading in this time, however much happens. */
const PAUSE = 3_000;

/** Whatever changed was done by somebody: the log is read again. */
export function useLiveEvents(refetch: () => Promise<void>): void {
  const readSoon = useThrottledCallback(() => void refetch(), PAUSE);
  useLive({ onChanges: () => readSoon(), onResync: () => readSoon() });
}
