import { useState, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { SortingState } from '@tanstack/react-table';
import { Grid } from '@/components/grid/grid';
import type { UsedPages } from '@/graphql/use-pages';
import { useAccountActions, useAttention } from './use-account-actions';
import type { BankAccountRow } from './account-words';
import styles from './linked-accounts.module.css';
import { columns } from './columns';
import cells from './cells.module.css';
import { useFrozenOrder } from './use-frozen-order';
import { useRowKeys } from './use-page-keys';

interface AccountsTableProps {
  pages: UsedPages<BankAccountRow>;
  visibility: Record<string, boolean>;
  sorting: SortingState;
  onSort: (sorting: SortingState) => void;
  /** Changes with every other search, filter or order. */
  view: unknown;
  focusRowId: string | null;
  onLeave: () => void;
  children: ReactNode;
}

/** The rows stay where they are while the pointer or the focus is among them. */
export function AccountsTable({
  pages,
  visibility,
  sorting,
  onSort,
  view,
  focusRowId,
  onLeave,
  children,
}: AccountsTableProps) {
  const [, navigate] = useLocation();
  const { chooseLedger } = useAccountActions();
  const { highlighted } = useAttention();
  const onRowKey = useRowKeys();
  const [pointer, setPointer] = useState(false);
  const [focus, setFocus] = useState(false);
  const { rows, changed, resort } = useFrozenOrder(pages.rows, pointer || focus, view, !pages.fetching);
  return (
    <div
      className={styles.table}
      onMouseEnter={() => setPointer(true)}
      onMouseLeave={() => setPointer(false)}
      onFocus={() => setFocus(true)}
      onBlur={({ currentTarget, relatedTarget }) => setFocus(currentTarget.contains(relatedTarget))}
    >
      {changed && (
        <button type="button" className={styles.resort} onClick={resort}>
          Order changed · Re-sort
        </button>
      )}
      <Grid
        label="Linked accounts"
        columns={columns}
        visibility={visibility}
        sorting={sorting}
        onSort={onSort}
        rows={rows}
        totalCount={pages.totalCount}
        loading={pages.loading}
        fetching={pages.fetching}
        onNearEnd={pages.loadMore}
        onOpenRow={(account, column) =>
          column === 'ledger' ? chooseLedger(account) : navigate(`/banks/${account.id}`)
        }
        onRowKey={onRowKey}
        onLeave={onLeave}
        focusRowId={focusRowId}
        rowClassName={({ bankLink }) =>
          highlighted !== null && bankLink?.id === highlighted ? cells.highlighted : undefined
        }
      >
        {children}
      </Grid>
    </div>
  );
}
