import { useDocumentTitle } from '@mantine/hooks';
import { useQuery } from 'urql';
import { Link, useLocation } from 'wouter';
import { ErrorPanel, Panel } from '@/components/panel';
import { AccountActionsProvider } from '@/features/linked-accounts/account-actions-provider';
import { AccountHeader } from '@/features/linked-accounts/account-header';
import { RefreshHistory } from '@/features/linked-accounts/refresh-history';
import { TransactionsPanel } from '@/features/transactions/transactions-panel';
import { toFailure } from '@/graphql/errors';
import { BankAccountDocument } from '@/graphql/generated/operations';
import styles from './account-page.module.css';

function Tabs({ id, onRefreshes }: { id: string; onRefreshes: boolean }) {
  return (
    <nav className={styles.tabs} aria-label="This account">
      <Link href={`/banks/${id}`} aria-current={onRefreshes ? undefined : 'page'}>
        Transactions
      </Link>
      <Link href={`/banks/${id}/refreshes`} aria-current={onRefreshes ? 'page' : undefined}>
        Refreshes
      </Link>
    </nav>
  );
}

interface AccountPageProps {
  params: { id: string; tab?: string };
}

function Account({ params: { id, tab } }: AccountPageProps) {
  const onRefreshes = tab === 'refreshes';
  const [{ data, error, fetching }, read] = useQuery({ query: BankAccountDocument, variables: { id } });
  const account = data?.bankAccount;
  useDocumentTitle(account ? `${account.name} · Counterfoil` : 'Counterfoil');
  if (error && !account)
    return (
      <ErrorPanel
        title="Couldn’t load this account."
        failure={toFailure(error)}
        onRetry={() => read({ requestPolicy: 'network-only' })}
      />
    );
  if (!account)
    return fetching ? (
      <Panel title="Reading…" />
    ) : (
      <Panel title="There is no account at this address.">
        <Link href="/banks">Go to Link Banks</Link>
      </Panel>
    );
  const linkId = account.bankLink?.id ?? null;
  return (
    <div className={styles.page}>
      <AccountHeader account={account} />
      <Tabs id={id} onRefreshes={onRefreshes} />
      {!onRefreshes && <TransactionsPanel key={id} accountId={id} bankLinkId={linkId} />}
      {onRefreshes &&
        (linkId === null ? (
          <Panel title="This account has no bank login, so nothing refreshes it." />
        ) : (
          <RefreshHistory bankLinkId={linkId} />
        ))}
    </div>
  );
}

/** One account: its balances and health, its transactions, and the last refreshes of its login. */
export function AccountPage(props: AccountPageProps) {
  const [, navigate] = useLocation();
  return (
    <AccountActionsProvider onGone={() => navigate('/banks')}>
      <Account {...props} />
    </AccountActionsProvider>
  );
}
