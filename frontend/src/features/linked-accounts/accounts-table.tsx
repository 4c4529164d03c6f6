import { useState, type KeyboardEvent, type ReactNode } from 'react';
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
import type { Chosen } from './selection';
import { selectByKey, useRowKeys } from './use-page-keys';
import { SelectionContext, useSelecting } from './use-selection';

interface AccountsTableProps {
  pages: UsedPages<BankAccountRow>;
  visibility: Record<string, boolean>;
  sorting: SortingState;
  onSort: (sorting: SortingState) => void;
  /** Changes with every other search, filter or order. */
  view: unknown;
  focusRowId: string | null;
  chosen: Chosen;
  onChoose: (change: (before: Chosen) => Chosen) => void;
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
  chosen,
  onChoose,
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
  const selection = useSelecting(rows, chosen, onChoose);
  const chooseAll = (event: KeyboardEvent) => {
    if (event.key !== 'a' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    selection.chooseAll();
  };
  return (
    <div
      className={styles.table}
      onKeyDown={chooseAll}
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
      <SelectionContext value={selection}>
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
          onRowKey={(account, event) => selectByKey(selection, account.id, event) || onRowKey(account, event)}
          onLeave={selection.ids.size > 0 ? selection.clear : onLeave}
          isSelected={({ id }) => selection.ids.has(id)}
          focusRowId={focusRowId}
          rowClassName={({ bankLink }) =>
            highlighted !== null && bankLink?.id === highlighted ? cells.highlighted : undefined
          }
        >
          {children}
        </Grid>
      </SelectionContext>
    </div>
  );
}
