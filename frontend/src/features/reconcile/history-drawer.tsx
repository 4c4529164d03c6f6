import { Button, Drawer } from '@mantine/core';
import { Fragment, useEffect, useMemo } from 'react';
import { Link } from 'wouter';
import { Moment } from '@/components/moment';
import { ErrorPanel, Panel } from '@/components/panel';
import { ActsDocument, type ActsQuery } from '@/graphql/generated/operations';
import { useLive } from '@/graphql/use-live';
import { usePages } from '@/graphql/use-pages';
import { useReturnFocus } from '@/lib/use-return-focus';
import { formatSigned } from '@/lib/money';
import styles from './history.module.css';
import { shortDate } from './line-words';
import { useDesk } from './use-desk';

type ActRow = ActsQuery['acts']['nodes'][number];

const PAGE = 50;
const selectActs = (found: ActsQuery) => found.acts;

const KINDS: Record<string, string> = {
  BOOK: 'Booked',
  TRANSFER: 'Transferred',
  MATCH: 'Matched',
  EXCLUDE: 'Excluded',
  RESTORE: 'Put back',
  CLEAR_BY_HAND: 'Cleared by hand',
  POST: 'Posted',
  REVERSE: 'Reversed',
  TIE: 'Tied to the books',
  DECIDE: 'Decided about the bank’s change',
  BULK: 'Accepted together',
  UNDO: 'Undid',
};

/** An undo is taken back by doing the thing again, and a tie by choosing another ledger account. */
const FINAL = ['UNDO', 'TIE'];

/** The entries of an act by their numbers, each leading to its own page; drafts have none yet. */
function EntryLinks({ entries }: { entries: ActRow['journalEntries'] }) {
  const numbered = entries.filter(({ number }) => number !== null);
  if (numbered.length === 0) return null;
  return (
    <span className={styles.aside}>
      {numbered.slice(0, 3).map(({ id, number }, index) => (
        <Fragment key={id}>
          {index > 0 ? ', ' : ' '}
          <Link href={`/ledger/entries/${id}`}>{number}</Link>
        </Fragment>
      ))}
      {numbered.length > 3 && ` and ${numbered.length - 3} more`}
    </span>
  );
}

function ActLine({ act, reading }: { act: ActRow; reading: boolean }) {
  const { openUndo } = useDesk();
  const { kind, actor, actedAt, bankTransactions, journalEntries, undoneAt, undoneBy } = act;
  const [first] = bankTransactions;
  return (
    <li className={styles.act} data-undone={undoneAt !== null}>
      <div className={styles.words}>
        <p className={styles.what}>
          <strong>{KINDS[kind] ?? kind}</strong>{' '}
          {first && bankTransactions.length === 1 && (
            <>
              {shortDate(first.datedOn)} {first.description} {formatSigned(first.amount.amount)}
            </>
          )}
          {bankTransactions.length > 1 && `${bankTransactions.length} lines`}
          <EntryLinks entries={journalEntries} />
        </p>
        <p className={styles.aside}>
          {actor.name}, <Moment at={actedAt} />
          {undoneAt && (
            <>
              {' '}
              · undone by {undoneBy?.actor.name ?? 'somebody'}, <Moment at={undoneAt} />
            </>
          )}
        </p>
      </div>
      {!undoneAt && !FINAL.includes(kind) && (
        <Button
          size="compact-sm"
          variant="default"
          disabled={reading}
          onClick={() => openUndo(act.id)}
          aria-label={`Undo: ${KINDS[kind] ?? kind} ${first?.description ?? ''}`.trim()}
        >
          Undo…
        </Button>
      )}
    </li>
  );
}

/** Everything that was done to the lines of this account, newest first, with its undo. */
export function HistoryDrawer({ onClose }: { onClose: () => void }) {
  useReturnFocus();
  const { bankAccountId, accountName } = useDesk();
  const variables = useMemo(() => ({ bankAccountId, first: PAGE }), [bankAccountId]);
  const pages = usePages(ActsDocument, variables, selectActs);
  const { refetch } = pages;
  // what was read when it was open before is old
  useEffect(() => void refetch(), [refetch]);
  useLive({
    onChanges: (changes) => {
      if (changes.some(({ type }) => type === 'ACT')) void pages.refetch();
    },
    onResync: () => void pages.refetch(),
  });
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="md"
      returnFocus={false}
      title={`History of ${accountName}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {pages.failure && (
        <ErrorPanel
          title="Couldn’t load the history."
          failure={pages.failure}
          onRetry={() => void pages.refetch()}
        />
      )}
      {!pages.failure && !pages.loading && pages.rows.length === 0 && (
        <Panel title="Nothing was done here yet." />
      )}
      <ul className={styles.acts}>
        {pages.rows.map((act) => (
          <ActLine key={act.id} act={act} reading={pages.fetching} />
        ))}
      </ul>
      {pages.hasMore && (
        <Button variant="default" size="xs" loading={pages.fetching} onClick={pages.loadMore}>
          Older
        </Button>
      )}
    </Drawer>
  );
}
