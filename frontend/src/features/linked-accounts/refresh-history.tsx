import { useQuery } from 'urql';
import { Moment } from '@/components/moment';
import { ErrorPanel, Panel } from '@/components/panel';
import { toFailure } from '@/graphql/errors';
import { RefreshHistoryDocument, type RefreshFieldsFragment } from '@/graphql/generated/operations';
import { useLive } from '@/graphql/use-live';
import { formatDuration } from '@/lib/dates';
import { counted, progressWords } from './account-words';
import styles from './refresh-history.module.css';

const TRIGGERS: Record<string, string> = {
  PERSON: 'A person',
  SCHEDULE: 'By itself',
  WEBHOOK: 'News from the bank',
  FIRST_PULL: 'First reading',
  REPAIR: 'After a new sign-in',
};

function resultWords(refresh: RefreshFieldsFragment): string {
  if (refresh.state === 'DONE') return 'Done';
  return refresh.state === 'FAILED' ? 'Failed' : progressWords(refresh);
}

/** How far it came before it failed. */
const PHASES: Record<string, string> = {
  CONNECT: 'connecting',
  ACCOUNTS: 'reading accounts',
  BALANCES: 'reading balances',
  TRANSACTIONS: 'reading transactions',
  SAVING: 'saving',
};

function Words({ refresh }: { refresh: RefreshFieldsFragment }) {
  const { message, providerCode, providerMessage, requestId, phase, state } = refresh;
  const facts = [providerCode, requestId && `request ${requestId}`].filter(Boolean).join(' · ');
  return (
    <td className={styles.words}>
      {state === 'FAILED' && phase && <span>Stopped while {PHASES[phase] ?? phase.toLowerCase()}. </span>}
      {message && <span>{message} </span>}
      {providerMessage && <q>{providerMessage}</q>}
      {(state === 'FAILED' || providerMessage) && facts && <code>{facts}</code>}
    </td>
  );
}

function Line({ refresh }: { refresh: RefreshFieldsFragment }) {
  const { queuedAt, startedAt, finishedAt, trigger, accounts, lines, added, modified, removed } = refresh;
  return (
    <tr>
      <th scope="row">
        <Moment at={queuedAt} as="stamp" />
      </th>
      <td>{TRIGGERS[trigger] ?? trigger}</td>
      <td data-state={refresh.state}>{resultWords(refresh)}</td>
      <td className={styles.count}>
        {startedAt && finishedAt ? formatDuration(startedAt, finishedAt) : '—'}
      </td>
      {[accounts, lines, added, modified, removed].map((count, index) => (
        <td key={index} className={styles.count}>
          {counted(count)}
        </td>
      ))}
      <Words refresh={refresh} />
    </tr>
  );
}

/** The last fifty refreshes of the login, with the bank's own words where it had any. */
export function RefreshHistory({ bankLinkId }: { bankLinkId: string }) {
  const [{ data, error }, read] = useQuery({
    query: RefreshHistoryDocument,
    variables: { bankLinkId },
    requestPolicy: 'cache-and-network',
  });
  const again = () => read({ requestPolicy: 'network-only' });
  const refreshes = data?.bankLink?.refreshes.nodes ?? [];
  useLive({
    onChanges: (changes) => {
      const isNew = changes.some(
        ({ node }) => node?.__typename === 'Refresh' && !refreshes.some(({ id }) => id === node.id),
      );
      if (isNew) again();
    },
    onResync: again,
  });
  if (error && !data)
    return <ErrorPanel title="Couldn’t load the refreshes." failure={toFailure(error)} onRetry={again} />;
  if (!data) return <Panel title="Reading…" />;
  if (refreshes.length === 0) return <Panel title="Not refreshed yet." />;
  return (
    <div className={styles.scroller} role="region" aria-label="Last refreshes" tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Started by</th>
            <th scope="col">Result</th>
            {['Took', 'Accounts', 'Lines read', 'New', 'Changed', 'Removed'].map((heading) => (
              <th key={heading} scope="col" className={styles.count}>
                {heading}
              </th>
            ))}
            <th scope="col">What the bank said</th>
          </tr>
        </thead>
        <tbody>
          {refreshes.map((refresh) => (
            <Line key={refresh.id} refresh={refresh} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
