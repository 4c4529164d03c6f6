import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { Moment } from '@/components/moment';
import { ErrorPanel, Panel } from '@/components/panel';
import { toFailure } from '@/graphql/errors';
import { JournalEntryDocument, type EntryFieldsFragment } from '@/graphql/generated/operations';
import { formatDate } from '@/lib/dates';
import { formatDecimal, formatSigned } from '@/lib/money';
import { EntryActions } from './entry-actions';
import { EntryLines } from './entry-lines';
import { EntryMarks } from './entry-marks';
import { entryName, SOURCES } from './entry-words';
import styles from './ledger.module.css';
import { useLiveBooks } from './use-live-books';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts({ entry }: { entry: EntryFieldsFragment }) {
  const { postedOn, transactionOn, reference, contact, memo, source, actor, externalId } = entry;
  return (
    <dl className={styles.facts}>
      <Fact name={entry.entryState === 'DRAFT' ? 'To be posted on' : 'Posted on'}>
        {formatDate(postedOn)}
      </Fact>
      {transactionOn && transactionOn !== postedOn && (
        <Fact name="Transaction date">{formatDate(transactionOn)}</Fact>
      )}
      {reference && <Fact name="Reference">{reference}</Fact>}
      {contact && <Fact name="Contact">{contact}</Fact>}
      {memo && <Fact name="Memo">{memo}</Fact>}
      <Fact name="From">{SOURCES[source]}</Fact>
      {externalId && <Fact name="External ID">{externalId}</Fact>}
      <Fact name="By">
        {actor.name}, <Moment at={entry.postedAt ?? entry.createdAt} />
      </Fact>
      {entry.rates.map(({ currency, rate, rateOn }) => (
        <Fact key={currency} name={`Rate of ${currency}`}>
          {rate} {entry.total.currency}, {formatDate(rateOn)}
        </Fact>
      ))}
    </dl>
  );
}

/** Both directions of a reversal, each with the way to the other entry. */
function Reversals({ entry: { reverses, reversedBy } }: { entry: EntryFieldsFragment }) {
  if (!reverses && !reversedBy) return null;
  return (
    <p className={styles.text}>
      {reverses && (
        <>
          This entry takes back <Link href={`/ledger/entries/${reverses.id}`}>{entryName(reverses)}</Link>
          .{' '}
        </>
      )}
      {reversedBy && (
        <>
          It was taken back by <Link href={`/ledger/entries/${reversedBy.id}`}>{entryName(reversedBy)}</Link>.
        </>
      )}
    </p>
  );
}

function BankLines({ entry: { bankTransactions } }: { entry: EntryFieldsFragment }) {
  if (bankTransactions.length === 0) return null;
  return (
    <section>
      <h2 className={styles.subtitle}>Bank lines that it came from</h2>
      <div className={styles.scroller} role="region" aria-label="Bank lines" tabIndex={0}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Date</th>
              <th scope="col">Description</th>
              <th scope="col">Account</th>
              <th scope="col" className={styles.amount}>
                Amount
              </th>
            </tr>
          </thead>
          <tbody>
            {bankTransactions.map(({ id, datedOn, description, amount, bankAccount }) => (
              <tr key={id}>
                <td>{formatDate(datedOn)}</td>
                <th scope="row">{description}</th>
                <td>{bankAccount && <Link href={`/banks/${bankAccount.id}`}>{bankAccount.name}</Link>}</td>
                <td className={styles.amount}>
                  {formatSigned(amount.amount)}
                  <span className={styles.side}> {amount.currency}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface EntryPageProps {
  id: string;
  /** All that was done to the entry. */
  history?: (entry: EntryFieldsFragment) => ReactNode;
}

/** One journal entry: its lines, what it takes back or was taken back by, and the bank lines behind it. */
export function EntryPage({ id, history }: EntryPageProps) {
  const [{ data, error, fetching }, read] = useQuery({
    query: JournalEntryDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  const again = () => read({ requestPolicy: 'network-only' });
  useLiveBooks(again);
  const entry = data?.journalEntry;
  useDocumentTitle(entry ? `${entryName(entry)} · Counterfoil` : 'Counterfoil');
  if (error && !entry)
    return <ErrorPanel title="Couldn’t load this entry." failure={toFailure(error)} onRetry={again} />;
  if (!entry)
    return fetching ? (
      <Panel title="Reading…" />
    ) : (
      <Panel title="There is no journal entry at this address.">
        <Link href="/ledger/entries">Go to the journal entries</Link>
      </Panel>
    );
  return (
    <div className={`${styles.page ?? ''} ${styles.document ?? ''}`}>
      <header>
        <p className={styles.crumb}>
          <Link href="/ledger/entries">Journal entries</Link>
        </p>
        <div className={styles.heading}>
          <h1 className={styles.title}>
            {entry.number ? `Journal entry ${entry.number}` : 'Draft of a journal entry'}
          </h1>
          <EntryMarks entry={entry} />
          <span className={styles.count}>
            {formatDecimal(entry.total.amount)} {entry.total.currency}
          </span>
          <span className={styles.gap} />
          <EntryActions entry={entry} />
        </div>
      </header>
      <Reversals entry={entry} />
      <Facts entry={entry} />
      <EntryLines entry={entry} />
      <BankLines entry={entry} />
      {history?.(entry)}
    </div>
  );
}
