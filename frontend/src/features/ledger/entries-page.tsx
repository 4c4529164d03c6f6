import { Button, NativeSelect } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { Plus } from 'lucide-react';
import { useMemo, useRef, type RefObject } from 'react';
import { Link, useLocation } from 'wouter';
import { DateField } from '@/components/date-field';
import { LongList } from '@/components/long-list';
import { ErrorPanel, Panel } from '@/components/panel';
import { SearchField } from '@/components/search-field';
import {
  JournalEntriesDocument,
  type JournalEntriesQuery,
  type JournalEntriesQueryVariables,
  type JournalEntryOrderField,
  type JournalEntryWhere,
} from '@/graphql/generated/operations';
import { usePages } from '@/graphql/use-pages';
import { useRefusal } from '@/graphql/use-viewer';
import { formatDate } from '@/lib/dates';
import { formatDecimal } from '@/lib/money';
import { readSort, writeSort } from '@/lib/sorting';
import { useAddress } from '@/lib/use-address';
import { columns } from './entry-columns';
import { EntryMarks } from './entry-marks';
import { entryName, type EntryRow } from './entry-words';
import { LedgerFrame } from './ledger-frame';
import styles from './ledger.module.css';
import { useLiveBooks } from './use-live-books';

const PAGE = 100;
const NEWEST = { id: 'date', desc: true };
const ORDER_FIELDS: Record<string, JournalEntryOrderField> = {
  date: 'POSTED_ON',
  number: 'NUMBER',
  reference: 'REFERENCE',
  contact: 'CONTACT',
  memo: 'MEMO',
  total: 'TOTAL',
};
const STATES: Record<string, JournalEntryWhere> = {
  draft: { state: { eq: 'DRAFT' } },
  posted: { state: { eq: 'POSTED' } },
  reversed: { reversed: { eq: true } },
};
const selectEntries = (found: JournalEntriesQuery) => found.journalEntries;

type Shown = Record<'q' | 'state' | 'from' | 'to' | 'sort', string>;

function toVariables({ q, state, from, to, sort }: Shown): Omit<JournalEntriesQueryVariables, 'after'> {
  const chosen = STATES[state];
  const where: JournalEntryWhere[] = [
    ...(chosen ? [chosen] : []),
    ...(from ? [{ postedOn: { gte: from } }] : []),
    ...(to ? [{ postedOn: { lte: to } }] : []),
  ];
  const [step = NEWEST] = readSort(sort, ORDER_FIELDS, NEWEST);
  const direction = step.desc ? 'DESC' : 'ASC';
  return {
    first: PAGE,
    search: q.trim() || null,
    where: where.length > 0 ? { and: where } : null,
    orderBy: [
      { field: ORDER_FIELDS[step.id] ?? 'POSTED_ON', direction },
      ...(step.id === 'date' ? [{ field: 'NUMBER' as const, direction } as const] : []),
    ],
  };
}

function EntryCard({ entry }: { entry: EntryRow }) {
  return (
    <article className={styles.card}>
      <span className={styles.cardText}>
        <Link href={`/ledger/entries/${entry.id}`} className={styles.number}>
          {entryName(entry)}
        </Link>{' '}
        {entry.memo} <EntryMarks entry={entry} />
      </span>
      <span>
        {formatDecimal(entry.total.amount)}
        <span className={styles.side}> {entry.total.currency}</span>
      </span>
      <span className={styles.cardFacts}>
        {[formatDate(entry.postedOn), entry.contact, entry.reference].filter(Boolean).join(' · ')}
      </span>
    </article>
  );
}

function NewEntryButton() {
  const refusal = useRefusal('CODE');
  const [, navigate] = useLocation();
  const open = () => navigate('/ledger/entries/new');
  useHotkeys([['n', () => refusal === null && open()]]);
  return (
    <Button
      size="xs"
      leftSection={<Plus size={14} />}
      disabled={refusal !== null}
      title={refusal ?? 'New journal entry (n)'}
      onClick={open}
    >
      New entry
    </Button>
  );
}

function Bar({
  shown,
  show,
  searchField,
}: {
  shown: Shown;
  show: (next: Partial<Shown>) => void;
  searchField: RefObject<HTMLInputElement | null>;
}) {
  return (
    <div className={styles.bar} role="search" aria-label="Find journal entries">
      <SearchField label="Search entries" value={shown.q} onSearch={(q) => show({ q })} field={searchField} />
      <NativeSelect
        size="xs"
        aria-label="State"
        value={shown.state}
        onChange={({ currentTarget }) => show({ state: currentTarget.value })}
        data={[
          { value: '', label: 'All states' },
          { value: 'draft', label: 'Drafts' },
          { value: 'posted', label: 'Posted' },
          { value: 'reversed', label: 'Reversed' },
        ]}
      />
      <DateField label="From" value={shown.from} onChange={(from) => show({ from })} />
      <DateField label="To" value={shown.to} onChange={(to) => show({ to })} />
    </div>
  );
}

/** All journal entries, newest first: what was typed, booked from the bank, imported or reversed. */
export function EntriesPage() {
  const [, navigate] = useLocation();
  const [shown, show] = useAddress(['q', 'state', 'from', 'to', 'sort']);
  const variables = useMemo(() => toVariables(shown), [shown]);
  const pages = usePages(JournalEntriesDocument, variables, selectEntries);
  const searchField = useRef<HTMLInputElement>(null);
  useLiveBooks(pages.refetch);
  const narrowed = [shown.q, shown.state, shown.from, shown.to].some(Boolean);
  return (
    <LedgerFrame
      tab="/ledger/entries"
      count={pages.totalCount === null ? null : `${pages.totalCount} entries`}
      actions={<NewEntryButton />}
    >
      <Bar shown={shown} show={show} searchField={searchField} />
      <div className={styles.list}>
        <LongList
          label="Journal entries"
          columns={columns}
          sorting={readSort(shown.sort, ORDER_FIELDS, NEWEST)}
          onSort={(sorting) => show({ sort: writeSort(sorting, NEWEST) })}
          pages={pages}
          card={(entry) => <EntryCard entry={entry} />}
          cardHeight={64}
          onOpenRow={(entry) => navigate(`/ledger/entries/${entry.id}`)}
          onLeave={() => searchField.current?.focus()}
        >
          {pages.failure ? (
            <ErrorPanel
              title="Couldn’t load the journal entries."
              failure={pages.failure}
              onRetry={() => void pages.refetch()}
            />
          ) : (
            !pages.loading &&
            !pages.fetching &&
            pages.rows.length === 0 && (
              <Panel title={narrowed ? 'No journal entries match.' : 'No journal entries yet.'}>
                {!narrowed && <p>They come from the Reconcile page, from an import, or from “New entry”.</p>}
              </Panel>
            )
          )}
        </LongList>
      </div>
    </LedgerFrame>
  );
}
