import { Button } from '@mantine/core';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { Moment } from '@/components/moment';
import { LineInHandDocument, type LineInHandQuery } from '@/graphql/generated/operations';
import { formatDate } from '@/lib/dates';
import { Amount } from './amount';
import styles from './line-pane.module.css';
import { entryName } from './line-words';
import type { Line } from './outcome';
import { RefusalNote } from './refusal-note';
import { useDesk } from './use-desk';
import { useSending } from './use-sending';

type Match = NonNullable<LineInHandQuery['bankTransaction']>['matches'][number];

const ACT_WORDS: Record<string, string> = {
  BOOK: 'Booked',
  MATCH: 'Matched',
  TRANSFER: 'Transferred',
  BULK: 'Accepted',
  DECIDE: 'Booked anew',
};

/** One match of the line: with which entries, by whom, and the way back. */
function MatchFacts({ match }: { match: Match }) {
  const { openUndo } = useDesk();
  const { act, journalItems, bankItems, clearedOn } = match;
  return (
    <section className={styles.match} aria-label="Match">
      {journalItems.map(({ journalLine, amount }) => (
        <div key={journalLine.id}>
          <p className={styles.matchHead}>
            <Link href={`/ledger/entries/${journalLine.journalEntry.id}`}>{entryName(journalLine)}</Link>{' '}
            <Amount of={amount} signed />
          </p>
          <ul className={styles.entryLines}>
            {journalLine.journalEntry.lines.map(({ id, ledgerAccount, amount: posted, memo }) => (
              <li key={id}>
                <span>
                  {ledgerAccount.number} {ledgerAccount.name}
                  {memo && <span className={styles.bankText}> {memo}</span>}
                </span>
                <Amount of={posted} signed />
              </li>
            ))}
          </ul>
        </div>
      ))}
      {bankItems.length > 1 && <p className={styles.bankText}>{bankItems.length} bank lines together.</p>}
      <p className={styles.bankText}>
        {ACT_WORDS[act.kind] ?? 'Done'} by {act.actor.name}, <Moment at={act.actedAt} />. Cleared on{' '}
        {formatDate(clearedOn)}.
      </p>
      <Button size="compact-sm" variant="default" onClick={() => openUndo(act.id)}>
        Undo…
      </Button>
    </section>
  );
}

/** The matches of a line, each with its undo. */
export function Matches({ line }: { line: Line }) {
  const [{ data, fetching }] = useQuery({ query: LineInHandDocument, variables: { id: line.id } });
  const matches = data?.bankTransaction?.matches ?? [];
  if (fetching && !data) return <p className={styles.bankText}>Reading its match…</p>;
  return matches.map((match) => <MatchFacts key={match.id} match={match} />);
}

/** An excluded line: why it is, and the way back. */
export function ExcludedLine({ line }: { line: Line }) {
  const { acts } = useDesk();
  const { send, sending, refusals } = useSending();
  const { exclusion } = line;
  return (
    <section className={styles.match} aria-label="Exclusion">
      <p className={styles.matchHead}>Excluded: {exclusion?.reason}</p>
      {exclusion && (
        <p className={styles.bankText}>
          By {exclusion.by.name}, <Moment at={exclusion.at} />
        </p>
      )}
      <Button
        size="compact-sm"
        loading={sending}
        onClick={() => void send(() => acts.restore([line]), 'Back for review.')}
      >
        Put back for review
      </Button>
      <RefusalNote refusals={refusals} />
    </section>
  );
}
