import { useThrottledCallback } from '@mantine/hooks';
import { useAnnounce } from '@/components/use-announce';
import type { ChangeFieldsFragment } from '@/graphql/generated/operations';
import { useLive } from '@/graphql/use-live';
import { accountsWords, outcomeWords } from './account-words';

/** At most one reading of the shown pages in this time, however much changes. */
const PAUSE = 2_000;

/** What is worth saying aloud of a change. */
function words({ node }: ChangeFieldsFragment): string | null {
  if (node?.__typename !== 'BankLink' || node.status.activity !== 'IDLE') return null;
  const { name, accountCount, status } = node;
  const outcome = status.code === 'OK' && status.refresh ? `, ${outcomeWords(status.refresh)}` : '';
  return `${name}, ${accountsWords(accountCount)}: ${status.label}${outcome}.`;
}

/** Reads the rows again when their order or their number may have changed, and says what happened. */
export function useLiveRows(refetch: () => Promise<void>): void {
  const announce = useAnnounce();
  const readSoon = useThrottledCallback(() => void refetch(), PAUSE);
  useLive({
    onChanges: (changes) => {
      if (changes.some(({ type }) => type === 'BANK_ACCOUNT' || type === 'BANK_LINK')) readSoon();
      for (const text of changes.map(words)) if (text) announce(text);
    },
    onResync: () => readSoon(),
  });
}
