import { useDocumentTitle } from '@mantine/hooks';
import { useMemo } from 'react';
import { useQuery } from 'urql';
import { Link, useLocation, useSearch } from 'wouter';
import { ErrorPanel, Panel } from '@/components/panel';
import { toFailure } from '@/graphql/errors';
import { ReconcileAccountsDocument } from '@/graphql/generated/operations';
import { readAddress, writeAddress, type View } from './address';
import { accountWords } from './line-words';
import { ReconcileDesk } from './reconcile-desk';

/** One account's lines in the dates of the address, and the desk on which they are dealt with. */
export function ReconcilePage({ params: { account: id } }: { params: { account: string } }) {
  const address = useSearch();
  const [, navigate] = useLocation();
  const view = useMemo(() => readAddress(address), [address]);
  const [{ data, error, fetching }, read] = useQuery({ query: ReconcileAccountsDocument });
  const account = data?.bankAccounts.nodes.find((one) => one.id === id);
  useDocumentTitle(account ? `Reconcile ${accountWords(account)} · Counterfoil` : 'Reconcile · Counterfoil');
  const onView = (next: View) => navigate(`/reconcile/${id}${writeAddress(next)}`, { replace: true });
  if (error && !data)
    return (
      <ErrorPanel
        title="Couldn’t load accounts."
        failure={toFailure(error)}
        onRetry={() => read({ requestPolicy: 'network-only' })}
      />
    );
  if (fetching && !data) return <Panel title="Reading…" />;
  if (!account)
    return (
      <Panel title="This account is not kept in a ledger account, so there is nothing to reconcile.">
        <Link href="/reconcile">Choose another account</Link>
      </Panel>
    );
  return (
    <ReconcileDesk
      key={id}
      account={account}
      accounts={data?.bankAccounts.nodes ?? []}
      view={view}
      onView={onView}
      onAccount={(other) => navigate(`/reconcile/${other}${writeAddress({ ...view, search: '', way: '' })}`)}
    />
  );
}
