import { createContext, use, useState, type ReactNode } from 'react';
import { useMutation } from 'urql';
import { useNotify } from '@/components/notices';
import { toFailure } from '@/graphql/errors';
import { RefreshBankLinkDocument } from '@/graphql/generated/operations';
import { useStartBankLink } from '@/graphql/use-start-bank-link';
import { needsBankPage, type BankAccountRow } from './account-words';
import { EditDialog } from './edit-dialog';
import { LedgerDialog } from './ledger-dialog';

interface AccountActions {
  /** Refreshes the login of this account, or opens the bank's page when only a person can. */
  refresh: (account: BankAccountRow) => void;
  edit: (account: BankAccountRow) => void;
  chooseLedger: (account: BankAccountRow) => void;
  /** The login whose rows are highlighted, because its Refresh has the pointer or the focus. */
  highlighted: string | null;
  highlight: (bankLinkId: string | null) => void;
  /** The account whose status is spelled out at this moment. */
  statusOf: string | null;
  showStatus: (accountId: string | null) => void;
}

const ActionsContext = createContext<AccountActions | null>(null);

function useRefreshLogin(): (account: BankAccountRow) => Promise<void> {
  const [, refresh] = useMutation(RefreshBankLinkDocument);
  const startBankLink = useStartBankLink();
  const notify = useNotify();
  return async (account) => {
    if (!account.bankLink) return;
    if (needsBankPage(account)) {
      const { url, problem } = await startBankLink('REPAIR', account.bankLink.id);
      if (url) window.location.assign(url);
      else notify('problem', problem ?? '');
      return;
    }
    const { data, error } = await refresh({ input: { bankLinkId: account.bankLink.id } });
    const problem = error ? toFailure(error).message : data?.refreshBankLink.errors[0]?.message;
    if (problem) notify('problem', problem);
  };
}

/** What one can do to an account, with the dialogs that it takes; for the table and for one account's page. */
export function AccountActionsProvider({ children }: { children: ReactNode }) {
  const refresh = useRefreshLogin();
  const [editing, setEditing] = useState<BankAccountRow | null>(null);
  const [linking, setLinking] = useState<BankAccountRow | null>(null);
  const [highlighted, highlight] = useState<string | null>(null);
  const [statusOf, showStatus] = useState<string | null>(null);
  const actions: AccountActions = {
    refresh: (account) => void refresh(account),
    edit: setEditing,
    chooseLedger: setLinking,
    highlighted,
    highlight,
    statusOf,
    showStatus,
  };
  return (
    <ActionsContext value={actions}>
      {children}
      {editing && <EditDialog key={editing.id} account={editing} onClose={() => setEditing(null)} />}
      {linking && <LedgerDialog key={linking.id} account={linking} onClose={() => setLinking(null)} />}
    </ActionsContext>
  );
}

// eslint-disable-next-line react-refresh/only-export-components -- the provider and its hook are one thing
export function useAccountActions(): AccountActions {
  const actions = use(ActionsContext);
  if (!actions) throw new Error('useAccountActions is used outside of AccountActionsProvider.');
  return actions;
}
