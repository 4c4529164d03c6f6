import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { ErrorPanel } from '@/components/panel';
import { toFailure } from '@/graphql/errors';
import { OpenJournalLinesDocument } from '@/graphql/generated/operations';
import { Candidate } from './candidate';
import styles from './forms.module.css';
import { entryName, entryWords } from './line-words';
import type { OpenLine } from './outcome';
import { useDesk } from './use-desk';

const SHOWN = 40;

interface OpenEntriesProps {
  /** How many candidates stand above. */
  above: number;
  /** Lines that are suggested above already. */
  without: ReadonlySet<string>;
  has: (lines: OpenLine[]) => boolean;
  onPick: (lines: OpenLine[]) => void;
}

/** Everything that is open in the books on this account, found by words. */
export function OpenEntries({ above, without, has, onPick }: OpenEntriesProps) {
  const { bankAccountId } = useDesk();
  const [search, setSearch] = useState('');
  const [settled] = useDebouncedValue(search.trim(), 200);
  const [{ data, fetching, error }, read] = useQuery({
    query: OpenJournalLinesDocument,
    variables: { bankAccountId, search: settled || null, first: SHOWN },
    requestPolicy: 'cache-and-network',
  });
  const found = data?.openJournalLines;
  const others = (found?.nodes ?? []).filter(({ id }) => !without.has(id));
  const none = search ? 'No open entry matches these words.' : 'No other entry is open on this account.';
  return (
    <>
      <TextInput
        size="xs"
        type="search"
        leftSection={<Search size={14} />}
        aria-label="Search open entries"
        placeholder="Search open entries by number or words"
        value={search}
        onChange={({ currentTarget }) => setSearch(currentTarget.value)}
      />
      {error && (
        <ErrorPanel
          title="Couldn’t load open entries."
          failure={toFailure(error)}
          onRetry={() => read({ requestPolicy: 'network-only' })}
        />
      )}
      {!error && found && others.length === 0 && <p className={styles.note}>{none}</p>}
      {fetching && !found && <p className={styles.note}>Reading the open entries…</p>}
      <ul className={styles.candidates} aria-label="Open entries">
        {others.map((one, index) => (
          <Candidate
            key={one.id}
            number={above + index + 1}
            picked={has([one])}
            onPick={() => onPick([one])}
            lines={[one]}
            label={`${entryName(one)} ${entryWords(one)}`}
          />
        ))}
      </ul>
    </>
  );
}
