import { useState } from 'react';
import { Provider, useQuery } from 'urql';
import { Redirect, Route, Switch } from 'wouter';
import { ErrorPanel, Panel } from '@/components/panel';
import { NowProvider } from '@/components/moment';
import { AddBankPage } from '@/features/add-bank/add-bank-page';
import { ReturnPage } from '@/features/add-bank/return-page';
import { ActivityPage } from '@/features/activity/activity-page';
import { ChartPage } from '@/features/ledger/chart-page';
import { EntriesPage } from '@/features/ledger/entries-page';
import { EntryFormPage } from '@/features/ledger/entry-form-page';
import { RegisterPage } from '@/features/ledger/register-page';
import { TrialBalancePage } from '@/features/ledger/trial-balance-page';
import { DeletionsPage } from '@/features/linked-accounts/deletions-page';
import { AccountChooser } from '@/features/reconcile/account-chooser';
import { ReconcilePage } from '@/features/reconcile/reconcile-page';
import { makeClient } from '@/graphql/client';
import { toFailure } from '@/graphql/errors';
import { ViewerDocument } from '@/graphql/generated/operations';
import { LiveProvider } from '@/graphql/live-provider';
import { AccountPage } from './account-page';
import { BanksPage } from './banks-page';
import { EntryWithHistory } from './entry-with-history';
import { Shell } from './shell';

/** Leaves for the sign-in page, which leads back to this address; a fresh load empties the cache. */
function goToSignIn() {
  const { pathname, search } = window.location;
  if (pathname !== '/sign-in')
    window.location.assign(`/sign-in?next=${encodeURIComponent(pathname + search)}`);
}

function Pages() {
  const [{ data, error }, retry] = useQuery({ query: ViewerDocument });
  const again = () => retry({ requestPolicy: 'network-only' });
  if (error && !data)
    return <ErrorPanel title="Couldn’t open Counterfoil." failure={toFailure(error)} onRetry={again} />;
  if (!data) return <Shell />;
  return (
    <LiveProvider head={data.changesHead}>
      <Shell viewer={data.viewer}>
        <Switch>
          <Route path="/banks" component={BanksPage} />
          <Route path="/banks/add" component={AddBankPage} />
          <Route path="/banks/add/return" component={ReturnPage} />
          <Route path="/banks/deletions" component={DeletionsPage} />
          <Route path="/banks/:id/:tab?" component={AccountPage} />
          <Route path="/ledger" component={ChartPage} />
          <Route path="/ledger/entries" component={EntriesPage} />
          <Route path="/ledger/entries/new" component={EntryFormPage} />
          <Route path="/ledger/entries/:id" component={EntryWithHistory} />
          <Route path="/ledger/entries/:id/edit" component={EntryFormPage} />
          <Route path="/ledger/trial-balance" component={TrialBalancePage} />
          <Route path="/ledger/:account" component={RegisterPage} />
          <Route path="/activity" component={ActivityPage} />
          <Route path="/reconcile" component={AccountChooser} />
          <Route path="/reconcile/:account" component={ReconcilePage} />
          <Route path="/">
            <Redirect to="/banks" replace />
          </Route>
          <Route>
            <Panel title="There is no page at this address.">
              <a href="/banks">Go to Link Banks</a>
            </Panel>
          </Route>
        </Switch>
      </Shell>
    </LiveProvider>
  );
}

export function SignedIn() {
  const [client] = useState(() => makeClient(goToSignIn));
  return (
    <Provider value={client}>
      <NowProvider>
        <Pages />
      </NowProvider>
    </Provider>
  );
}
