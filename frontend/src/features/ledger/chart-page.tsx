import { Button, NativeSelect } from '@mantine/core';
import { Download, Plus, Upload } from 'lucide-react';
import { useMemo, useRef, useState, type RefObject } from 'react';
import { useLocation } from 'wouter';
import { LongList } from '@/components/long-list';
import { ErrorPanel, Panel } from '@/components/panel';
import { SearchField } from '@/components/search-field';
import {
  ChartDocument,
  type ChartQuery,
  type ChartQueryVariables,
  type LedgerAccountOrderField,
  type LedgerAccountType,
  type LedgerAccountWhere,
} from '@/graphql/generated/operations';
import { usePages, type UsedPages } from '@/graphql/use-pages';
import { useRefusal } from '@/graphql/use-viewer';
import { readSort, writeSort } from '@/lib/sorting';
import { useAddress } from '@/lib/use-address';
import { AccountDialog } from './account-dialog';
import { AccountBalance } from './account-balance';
import { chartColumns } from './chart-columns';
import { ACCOUNT_TYPES, TYPE_CHOICES, type ChartAccount } from './chart-words';
import { ImportDialog } from './import-dialog';
import { LedgerFrame } from './ledger-frame';
import styles from './ledger.module.css';
import { useLiveBooks } from './use-live-books';

const PAGE = 200;
const BY_NUMBER = { id: 'number', desc: false };
const ORDER_FIELDS: Record<string, LedgerAccountOrderField> = {
  number: 'NUMBER',
  name: 'NAME',
  type: 'TYPE',
  currency: 'CURRENCY',
};
const selectAccounts = (found: ChartQuery) => found.ledgerAccounts;

type Shown = Record<'q' | 'type' | 'state' | 'sort', string>;

function toVariables({ q, type, state, sort }: Shown): Omit<ChartQueryVariables, 'after'> {
  const where: LedgerAccountWhere[] = [
    ...(type in ACCOUNT_TYPES ? [{ type: { eq: type as LedgerAccountType } }] : []),
    ...(state === 'all' ? [] : [{ active: { eq: state !== 'inactive' } }]),
  ];
  return {
    first: PAGE,
    search: q.trim() || null,
    where: where.length > 0 ? { and: where } : null,
    orderBy: readSort(sort, ORDER_FIELDS, BY_NUMBER).map(({ id, desc }) => ({
      field: ORDER_FIELDS[id] ?? 'NUMBER',
      direction: desc ? 'DESC' : 'ASC',
    })),
  };
}

function AccountCard({ account, onEdit }: { account: ChartAccount; onEdit: () => void }) {
  const [, navigate] = useLocation();
  return (
    <article className={styles.card}>
      <a
        href={`/ledger/${account.id}`}
        className={`${styles.number} ${styles.cardText}`}
        onClick={(event) => {
          event.preventDefault();
          navigate(`/ledger/${account.id}`);
        }}
      >
        {account.number} {account.name}
      </a>
      <AccountBalance account={account} />
      <span className={styles.cardFacts}>
        {[
          ACCOUNT_TYPES[account.type],
          account.currency,
          account.bankAccount?.name,
          !account.active && 'inactive',
        ]
          .filter(Boolean)
          .join(' · ')}{' '}
        <Button size="compact-xs" variant="subtle" onClick={onEdit} aria-label={`Edit ${account.name}`}>
          Edit
        </Button>
      </span>
    </article>
  );
}

function Nothing({ pages, narrowed }: { pages: UsedPages<ChartAccount>; narrowed: boolean }) {
  if (pages.failure)
    return (
      <ErrorPanel
        title="Couldn’t load the chart of accounts."
        failure={pages.failure}
        onRetry={() => void pages.refetch()}
      />
    );
  if (pages.loading || pages.fetching || pages.rows.length > 0) return null;
  return narrowed ? (
    <Panel title="No ledger accounts match." />
  ) : (
    <Panel title="The chart of accounts is empty.">
      <p>Add the first ledger account, or import the chart from a CSV file.</p>
    </Panel>
  );
}

function Actions({ onAdd, onImport }: { onAdd: () => void; onImport: () => void }) {
  const refusal = useRefusal('ACCOUNTS');
  const blocked = { disabled: refusal !== null, title: refusal ?? undefined };
  return (
    <>
      <Button
        component="a"
        href="/export/chart.csv"
        download
        size="xs"
        variant="default"
        leftSection={<Download size={14} />}
      >
        Download CSV
      </Button>
      <Button size="xs" variant="default" leftSection={<Upload size={14} />} onClick={onImport} {...blocked}>
        Import CSV
      </Button>
      <Button size="xs" leftSection={<Plus size={14} />} onClick={onAdd} {...blocked}>
        Add account
      </Button>
    </>
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
    <div className={styles.bar} role="search" aria-label="Find ledger accounts">
      <SearchField
        label="Search number or name"
        value={shown.q}
        onSearch={(q) => show({ q })}
        field={searchField}
      />
      <NativeSelect
        size="xs"
        aria-label="Type"
        value={shown.type}
        onChange={({ currentTarget }) => show({ type: currentTarget.value })}
        data={[{ value: '', label: 'All types' }, ...TYPE_CHOICES]}
      />
      <NativeSelect
        size="xs"
        aria-label="State"
        value={shown.state}
        onChange={({ currentTarget }) => show({ state: currentTarget.value })}
        data={[
          { value: '', label: 'Active' },
          { value: 'inactive', label: 'Inactive' },
          { value: 'all', label: 'Active and inactive' },
        ]}
      />
    </div>
  );
}

/** The chart of accounts: what there is, what stands on each today, and which bank account it keeps. */
export function ChartPage() {
  const [, navigate] = useLocation();
  const [shown, show] = useAddress(['q', 'type', 'state', 'sort']);
  const variables = useMemo(() => toVariables(shown), [shown]);
  const pages = usePages(ChartDocument, variables, selectAccounts);
  const searchField = useRef<HTMLInputElement>(null);
  const [opened, setOpened] = useState<ChartAccount | 'add' | 'import' | null>(null);
  const columns = useMemo(() => chartColumns(setOpened), []);
  useLiveBooks(pages.refetch);
  const close = () => setOpened(null);
  const done = () => {
    close();
    void pages.refetch();
  };
  return (
    <LedgerFrame
      tab="/ledger"
      count={pages.totalCount === null ? null : `${pages.totalCount} accounts`}
      actions={<Actions onAdd={() => setOpened('add')} onImport={() => setOpened('import')} />}
    >
      <Bar shown={shown} show={show} searchField={searchField} />
      <div className={styles.list}>
        <LongList
          label="Chart of accounts"
          columns={columns}
          sorting={readSort(shown.sort, ORDER_FIELDS, BY_NUMBER)}
          onSort={(sorting) => show({ sort: writeSort(sorting, BY_NUMBER) })}
          pages={pages}
          card={(account) => <AccountCard account={account} onEdit={() => setOpened(account)} />}
          cardHeight={70}
          onOpenRow={(account) => navigate(`/ledger/${account.id}`)}
          onRowKey={(account, { key }) => {
            const wanted = key === 'e' || key === 'F2';
            if (wanted) setOpened(account);
            return wanted;
          }}
          onLeave={() => searchField.current?.focus()}
          rowClassName={({ active }) => (active ? undefined : styles.inactive)}
        >
          <Nothing pages={pages} narrowed={shown.q !== '' || shown.type !== '' || shown.state !== ''} />
        </LongList>
      </div>
      {opened === 'import' && <ImportDialog onClose={close} onDone={done} />}
      {opened && opened !== 'import' && (
        <AccountDialog account={opened === 'add' ? null : opened} onClose={close} onDone={done} />
      )}
    </LedgerFrame>
  );
}
