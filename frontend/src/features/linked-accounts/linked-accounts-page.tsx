import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { Grid } from '@/components/grid/grid';
import { ErrorPanel, Panel } from '@/components/panel';
import { BankAccountsDocument, type BankAccountsQuery } from '@/graphql/generated/operations';
import { usePages } from '@/graphql/use-pages';
import { columns } from './columns';
import styles from './linked-accounts.module.css';
import { isFiltered, readView, toVariables, writeView } from './view-state';

const HIDDEN_AT_FIRST = { id: false, account_id: false, provider_id: false };
const selectAccounts = (found: BankAccountsQuery) => found.bankAccounts;

export function LinkedAccountsPage() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => readView(search), [search]);
  const variables = useMemo(() => toVariables(view), [view]);
  const pages = usePages(BankAccountsDocument, variables, selectAccounts);
  const empty = !pages.loading && pages.rows.length === 0;
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>Link Banks</h1>
      <Grid
        label="Linked accounts"
        columns={columns}
        visibility={HIDDEN_AT_FIRST}
        sorting={view.sorting}
        onSort={(sorting) => navigate(`/banks${writeView({ ...view, sorting })}`, { replace: true })}
        rows={pages.rows}
        totalCount={pages.totalCount}
        loading={pages.loading}
        fetching={pages.fetching}
        onNearEnd={pages.loadMore}
        onOpenRow={(account) => navigate(`/banks/${account.id}`)}
      >
        {pages.failure && (
          <ErrorPanel title="Couldn’t load accounts." failure={pages.failure} onRetry={() => void pages.refetch()} />
        )}
        {empty && !pages.failure && (
          <Panel title={isFiltered(view) ? 'No accounts match these filters.' : 'No banks linked yet.'}>
            {!isFiltered(view) && <p>Link a bank or card to bring in transactions.</p>}
          </Panel>
        )}
      </Grid>
    </div>
  );
}
