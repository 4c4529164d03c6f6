import { useDocumentTitle } from '@mantine/hooks';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { Moment } from '@/components/moment';
import { ErrorPanel, Panel } from '@/components/panel';
import { toFailure } from '@/graphql/errors';
import {
  ReconcileAccountsDocument,
  ReconciliationDocument,
  type ReconcileAccountsQuery,
} from '@/graphql/generated/operations';
import { formatDate } from '@/lib/dates';
import styles from './chooser.module.css';
import { accountWords } from './line-words';
import { Progress } from './progress';

export type ReconcileAccount = ReconcileAccountsQuery['bankAccounts']['nodes'][number];

function AccountLine({ account }: { account: ReconcileAccount }) {
  const [{ data }] = useQuery({
    query: ReconciliationDocument,
    variables: { bankAccountId: account.id },
    requestPolicy: 'cache-and-network',
  });
  const found = data?.reconciliation;
  return (
    <li>
      <Link href={`/reconcile/${account.id}`} className={styles.account}>
        <span className={styles.name}>{accountWords(account)}</span>
        <span className={styles.facts}>
          {[
            account.institution?.name,
            account.currency,
            `${account.ledgerAccount?.number ?? ''} ${account.ledgerAccount?.name ?? ''}`,
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
        <span className={styles.facts}>
          {account.startOn ? `Since ${formatDate(account.startOn)}` : 'No start yet'}
          {account.lastUpdateAt && (
            <>
              , updated <Moment at={account.lastUpdateAt} />
            </>
          )}
        </span>
        {found && <Progress counts={found.counts} total={found.total} />}
      </Link>
    </li>
  );
}

/** Which account to reconcile: only those that are kept in a ledger account. */
export function AccountChooser() {
  useDocumentTitle('Reconcile · Counterfoil');
  const [{ data, error, fetching }, read] = useQuery({
    query: ReconcileAccountsDocument,
    requestPolicy: 'cache-and-network',
  });
  const accounts = data?.bankAccounts.nodes ?? [];
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>Reconcile</h1>
      {error && !data && (
        <ErrorPanel
          title="Couldn’t load accounts."
          failure={toFailure(error)}
          onRetry={() => read({ requestPolicy: 'network-only' })}
        />
      )}
      {fetching && !data && <Panel title="Reading…" />}
      {data && accounts.length === 0 && (
        <Panel title="Link a ledger account to start.">
          <p>A bank account can be reconciled as soon as it is kept in an account of the books.</p>
          <Link href="/banks?ledger=none">Go to Link Banks</Link>
        </Panel>
      )}
      <ul className={styles.accounts}>
        {accounts.map((account) => (
          <AccountLine key={account.id} account={account} />
        ))}
      </ul>
    </div>
  );
}
