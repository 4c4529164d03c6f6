import { useCallbackRef } from '@mantine/hooks';
import { useMemo, useState, type ReactNode } from 'react';
import { useMutation } from 'urql';
import { HintProvider } from '@/components/hint';
import { useNotify } from '@/components/use-notify';
import { toFailure } from '@/graphql/errors';
import { RefreshBankLinkDocument } from '@/graphql/generated/operations';
import { useStartBankLink } from '@/graphql/use-start-bank-link';
import { needsBankPage, type BankAccountRow } from './account-words';
import { EditDialog } from './edit-dialog';
import { LedgerDialog } from './ledger-dialog';
import { ActionsContext, AttentionContext, type AccountActions } from './use-account-actions';

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
  const refresh = useCallbackRef(useRefreshLogin());
  const [editing, setEditing] = useState<BankAccountRow | null>(null);
  const [linking, setLinking] = useState<BankAccountRow | null>(null);
  const [highlighted, highlight] = useState<string | null>(null);
  const [statusOf, showStatus] = useState<string | null>(null);
  const actions = useMemo<AccountActions>(
    () => ({
      refresh: (account) => void refresh(account),
      edit: setEditing,
      chooseLedger: setLinking,
      highlight,
      showStatus,
    }),
    [refresh],
  );
  const attention = useMemo(() => ({ highlighted, statusOf }), [highlighted, statusOf]);
  return (
    <ActionsContext value={actions}>
      <AttentionContext value={attention}>
        <HintProvider>{children}</HintProvider>
      </AttentionContext>
      {editing && <EditDialog key={editing.id} account={editing} onClose={() => setEditing(null)} />}
      {linking && <LedgerDialog key={linking.id} account={linking} onClose={() => setLinking(null)} />}
    </ActionsContext>
  );
}
