import { useDocumentTitle, useMediaQuery } from '@mantine/hooks';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { useAnnounce } from '@/components/use-announce';
import { ErrorPanel, Panel } from '@/components/panel';
import { BankAccountsDocument, type BankAccountsQuery } from '@/graphql/generated/operations';
import { usePages, type UsedPages } from '@/graphql/use-pages';
import { AccountActionsProvider } from './account-actions-provider';
import { AccountCards } from './account-cards';
import { AccountQuestions } from './account-questions';
import { accountsWords, type BankAccountRow } from './account-words';
import { AccountsTable } from './accounts-table';
import { BulkBar } from './bulk-bar';
import { ColumnChooser } from './column-chooser';
import { focusList } from './focus-list';
import { KeyboardHelp } from './keyboard-help';
import styles from './linked-accounts.module.css';
import { NONE, type Chosen } from './selection';
import { AddBankButton, Toolbar } from './toolbar';
import { useColumnChoice } from './use-column-choice';
import { useLiveRows } from './use-live-rows';
import { usePageKeys } from './use-page-keys';
import { isFiltered, readView, toVariables, writeView, type ViewState } from './view-state';

const NARROW = '(max-width: 48em)';
const selectAccounts = (found: BankAccountsQuery) => found.bankAccounts;

/** What stands in place of rows. */
function Nothing({
  pages,
  view,
  onClear,
}: {
  pages: UsedPages<BankAccountRow>;
  view: ViewState;
  onClear: () => void;
}) {
  const retry = () => void pages.refetch();
  if (pages.failure)
    return <ErrorPanel title="Couldn’t load accounts." failure={pages.failure} onRetry={retry} />;
  if (pages.loading || pages.fetching || pages.rows.length > 0) return null;
  if (isFiltered(view))
    return (
      <Panel title="No accounts match these filters.">
        <button type="button" className={styles.textButton} onClick={onClear}>
          Clear filters
        </button>
      </Panel>
    );
  return (
    <Panel title="No banks linked yet.">
      <p>Link a bank or card, and its accounts and transactions arrive here by themselves.</p>
      <AddBankButton />
    </Panel>
  );
}

/** The first row of a login that was just linked: it gets the focus, and is said aloud. */
function useNewLogin(rows: BankAccountRow[]): string | null {
  const linked = new URLSearchParams(useSearch()).get('linked');
  const announce = useAnnounce();
  const first = linked === null ? undefined : rows.find(({ bankLink }) => bankLink?.id === linked);
  const sentence =
    first && `${accountsWords(first.bankLink?.accountCount ?? 1)} of ${first.bankLink?.name ?? ''} linked.`;
  useEffect(() => {
    if (sentence) announce(sentence);
  }, [sentence, announce]);
  return first?.id ?? null;
}

function Heading({ totalCount }: { totalCount: number | null }) {
  return (
    <div className={styles.heading}>
      <h1 className={styles.title}>Link Banks</h1>
      {totalCount !== null && <span className={styles.count}>{accountsWords(totalCount)}</span>}
      <span className={styles.gap} />
      <Link href="/banks/deletions" className={styles.receipts}>
        Deletions
      </Link>
      <AddBankButton />
    </div>
  );
}

/** @param above what the person should see before the table. */
export function LinkedAccountsPage({ above }: { above?: ReactNode }) {
  useDocumentTitle('Link Banks · Counterfoil');
  const search = useSearch();
  const [, navigate] = useLocation();
  const narrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const view = useMemo(() => readView(search), [search]);
  const variables = useMemo(() => toVariables(view), [view]);
  const pages = usePages(BankAccountsDocument, variables, selectAccounts);
  const choice = useColumnChoice();
  const searchField = useRef<HTMLInputElement>(null);
  const [opened, setOpened] = useState<'columns' | 'help' | null>(null);
  const [chosen, setChosen] = useState<Chosen>(NONE);
  const focusRowId = useNewLogin(pages.rows);
  const onView = (next: ViewState) => navigate(`/banks${writeView(next)}`, { replace: true });
  useLiveRows(pages.refetch);
  usePageKeys({ searchField, onColumns: () => setOpened('columns'), onHelp: () => setOpened('help') });

  const clear = () => {
    setChosen(NONE);
    focusList();
  };
  const nothing = (
    <Nothing pages={pages} view={view} onClear={() => onView({ ...readView(''), sorting: view.sorting })} />
  );
  return (
    <AccountActionsProvider>
      <div className={styles.page}>
        <Heading totalCount={pages.totalCount} />
        {above}
        <AccountQuestions />
        <Toolbar view={view} onView={onView} searchField={searchField}>
          {!narrow && (
            <ColumnChooser
              choice={choice}
              opened={opened === 'columns'}
              onOpen={(open) => setOpened(open ? 'columns' : null)}
            />
          )}
        </Toolbar>
        {narrow ? (
          <AccountCards
            rows={pages.rows}
            loading={pages.loading}
            onNearEnd={pages.loadMore}
            chosen={chosen}
            onChoose={setChosen}
          >
            {nothing}
          </AccountCards>
        ) : (
          <AccountsTable
            pages={pages}
            visibility={choice.visibility}
            sorting={view.sorting}
            onSort={(sorting) => onView({ ...view, sorting })}
            view={view}
            focusRowId={focusRowId}
            chosen={chosen}
            onChoose={setChosen}
            onLeave={() => searchField.current?.focus()}
          >
            {nothing}
          </AccountsTable>
        )}
        <BulkBar accounts={pages.rows.filter(({ id }) => chosen.ids.has(id))} onClear={clear} />
        <KeyboardHelp opened={opened === 'help'} onClose={() => setOpened(null)} />
      </div>
    </AccountActionsProvider>
  );
}
