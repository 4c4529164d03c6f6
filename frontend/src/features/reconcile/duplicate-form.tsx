import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { ErrorPanel } from '@/components/panel';
import { toFailure } from '@/graphql/errors';
import {
  OtherLinesDocument,
  type BankTransactionWhere,
  type OtherLinesQuery,
} from '@/graphql/generated/operations';
import { formatDate } from '@/lib/dates';
import { formatSigned } from '@/lib/money';
import { ActForm } from './act-form';
import { Amount } from './amount';
import styles from './forms.module.css';
import { shortDate } from './line-words';
import { refusedAt, type Line } from './outcome';
import { useDeciding } from './use-deciding';
import { useDesk } from './use-desk';

/** Open lines of the amount that is booked or reported; whatever the words find once one searches. */
function whereFor({ amount, reviewItem }: Line, search: string): BankTransactionWhere {
  const state = { in: ['REVIEW' as const, 'TO_CHECK' as const] };
  if (search) return { state };
  const amounts = [amount.amount, reviewItem?.reportedAmount?.amount].filter((one) => one != null);
  return { state, or: [...new Set(amounts)].map((one) => ({ amount: { eq: one } })) };
}

function useOtherLines(line: Line, search: string) {
  const { bankAccountId } = useDesk();
  const [{ data, fetching, error }, read] = useQuery({
    query: OtherLinesDocument,
    variables: { accountId: bankAccountId, where: whereFor(line, search), search: search || null },
    requestPolicy: 'cache-and-network',
  });
  const found = data?.bankAccount?.transactions.nodes.filter(({ id }) => id !== line.id);
  return { found, fetching, error, read: () => read({ requestPolicy: 'network-only' }) };
}

type Other = NonNullable<OtherLinesQuery['bankAccount']>['transactions']['nodes'][number];

function OtherLine({ line, chosen, onChoose }: { line: Other; chosen: boolean; onChoose: () => void }) {
  const { datedOn, description, amount } = line;
  return (
    <li>
      <label className={styles.candidate} data-picked={chosen}>
        <input
          type="radio"
          name="same-payment"
          checked={chosen}
          aria-label={`${description} of ${formatDate(datedOn)}, ${formatSigned(amount.amount)}`}
          onChange={onChoose}
        />
        <span className={styles.entries}>
          <span className={styles.entry}>
            <span className={styles.clip}>{description}</span>
            <time className={styles.aside} dateTime={datedOn} title={formatDate(datedOn)}>
              {shortDate(datedOn)}
            </time>
            <Amount of={amount} signed />
          </span>
        </span>
      </label>
    </li>
  );
}

/** Another bank line is the same payment: it takes over the match. */
export function DuplicateForm({ line }: { line: Line }) {
  const { acts } = useDesk();
  const { target, send, sending, refusals } = useDeciding(line);
  const [search, setSearch] = useState('');
  const [settled] = useDebouncedValue(search.trim(), 200);
  const [chosen, setChosen] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const { found, fetching, error, read } = useOtherLines(line, settled);
  const take = () => {
    setTried(true);
    if (chosen !== null)
      void send(
        () => acts.markDuplicate({ ...target, bankTransactionId: chosen }),
        'The other line has the match.',
      );
  };
  const missing = tried && chosen === null ? 'Choose the line that is the same payment.' : undefined;
  const problem = missing ?? refusedAt(refusals, 'bankTransactionId');
  const none = settled
    ? 'No open line matches these words.'
    : 'No open line has this amount. Search for it by words.';
  return (
    <ActForm
      label="It is another line"
      button="Hand the match over"
      blocked={null}
      sending={sending}
      refusals={refusals.filter(({ field }) => field !== 'bankTransactionId')}
      balance={problem && <span className={styles.blocked}>{problem}</span>}
      onSubmit={take}
    >
      <TextInput
        size="xs"
        type="search"
        leftSection={<Search size={14} />}
        aria-label="Search the other line"
        placeholder="Search open lines by words"
        value={search}
        onChange={({ currentTarget }) => setSearch(currentTarget.value)}
      />
      {error && (
        <ErrorPanel title="Couldn’t load the other lines." failure={toFailure(error)} onRetry={read} />
      )}
      {fetching && !found && <p className={styles.note}>Reading the other lines…</p>}
      {!error && found?.length === 0 && <p className={styles.note}>{none}</p>}
      <ul className={styles.candidates} aria-label="Open lines">
        {found?.map((one) => (
          <OtherLine key={one.id} line={one} chosen={one.id === chosen} onChoose={() => setChosen(one.id)} />
        ))}
      </ul>
    </ActForm>
  );
}
