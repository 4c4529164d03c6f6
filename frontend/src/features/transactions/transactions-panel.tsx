import { Button, TextInput } from '@mantine/core';
import { useDebouncedCallback, useMediaQuery } from '@mantine/hooks';
import { Download, Search } from 'lucide-react';
import { useMemo, useRef, useState, type RefObject } from 'react';
import { useLocation, useSearch } from 'wouter';
import { CardList } from '@/components/card-list';
import { Grid } from '@/components/grid/grid';
import { ErrorPanel, Panel } from '@/components/panel';
import { BankTransactionsDocument, type BankTransactionsQuery } from '@/graphql/generated/operations';
import { useLive } from '@/graphql/use-live';
import { usePages, type UsedPages } from '@/graphql/use-pages';
import { columns, type BankTransactionRow } from './columns';
import { TransactionCard } from './transaction-card';
import {
  csvPath,
  isNarrowed,
  readFilter,
  toVariables,
  writeFilter,
  type TransactionFilter,
} from './transaction-filter';
import styles from './transactions.module.css';

const NARROW = '(max-width: 48em)';
const selectTransactions = (found: BankTransactionsQuery) => found.bankAccount?.transactions;

interface FilterBarProps {
  accountId: string;
  filter: TransactionFilter;
  onFilter: (filter: TransactionFilter) => void;
  searchField: RefObject<HTMLInputElement | null>;
}

function FilterBar({ accountId, filter, onFilter, searchField }: FilterBarProps) {
  const [typed, setTyped] = useState(filter.search);
  const search = useDebouncedCallback((words: string) => onFilter({ ...filter, search: words }), 250);
  const date = (key: 'from' | 'to', label: string) => (
    <label className={styles.date}>
      {label}
      <TextInput
        type="date"
        size="xs"
        value={filter[key]}
        onChange={({ currentTarget }) => onFilter({ ...filter, [key]: currentTarget.value })}
      />
    </label>
  );
  return (
    <div className={styles.bar} role="search" aria-label="Find transactions">
      <TextInput
        ref={searchField}
        type="search"
        size="xs"
        className={styles.search}
        aria-label="Search transactions"
        placeholder="Search transactions"
        leftSection={<Search size={14} />}
        value={typed}
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value);
          search(currentTarget.value);
        }}
      />
      {date('from', 'From')}
      {date('to', 'To')}
      <span className={styles.gap} />
      <Button
        component="a"
        href={csvPath(accountId, filter)}
        download
        size="xs"
        variant="default"
        leftSection={<Download size={14} />}
      >
        Download CSV
      </Button>
    </div>
  );
}

function Nothing({ pages, narrowed }: { pages: UsedPages<BankTransactionRow>; narrowed: boolean }) {
  const retry = () => void pages.refetch();
  if (pages.failure)
    return <ErrorPanel title="Couldn’t load transactions." failure={pages.failure} onRetry={retry} />;
  if (pages.loading || pages.fetching || pages.rows.length > 0) return null;
  return narrowed ? (
    <Panel title="No transactions match." />
  ) : (
    <Panel title="No transactions yet.">
      <p>They arrive by themselves with the next update.</p>
    </Panel>
  );
}

/** The transactions of one account: search, dates, order and a file of the same lines. */
export function TransactionsPanel({
  accountId,
  bankLinkId,
}: {
  accountId: string;
  bankLinkId: string | null;
}) {
  const address = useSearch();
  const [path, navigate] = useLocation();
  const narrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const filter = useMemo(() => readFilter(address), [address]);
  const variables = useMemo(() => toVariables(accountId, filter), [accountId, filter]);
  const pages = usePages(BankTransactionsDocument, variables, selectTransactions);
  const searchField = useRef<HTMLInputElement>(null);
  const onFilter = (next: TransactionFilter) => navigate(`${path}${writeFilter(next)}`, { replace: true });
  useLive({
    onChanges: (changes) => {
      const pulled = changes.some(
        ({ node }) =>
          node?.__typename === 'Refresh' && node.state === 'DONE' && node.refreshedLink.id === bankLinkId,
      );
      if (pulled) void pages.refetch();
    },
    onResync: () => void pages.refetch(),
  });
  const nothing = <Nothing pages={pages} narrowed={isNarrowed(filter)} />;
  return (
    <div className={styles.panel}>
      <FilterBar accountId={accountId} filter={filter} onFilter={onFilter} searchField={searchField} />
      {narrow ? (
        <CardList
          label="Transactions"
          rows={pages.rows}
          loading={pages.loading}
          onNearEnd={pages.loadMore}
          estimate={64}
          card={(row) => <TransactionCard transaction={row} />}
        >
          {nothing}
        </CardList>
      ) : (
        <Grid
          label="Transactions"
          columns={columns}
          sorting={filter.sorting}
          onSort={(sorting) => onFilter({ ...filter, sorting })}
          rows={pages.rows}
          totalCount={pages.totalCount}
          loading={pages.loading}
          fetching={pages.fetching}
          onNearEnd={pages.loadMore}
          onLeave={() => searchField.current?.focus()}
        >
          {nothing}
        </Grid>
      )}
    </div>
  );
}
