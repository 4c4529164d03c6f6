import { useCallbackRef } from '@mantine/hooks';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useMutation } from 'urql';
import { HintProvider } from '@/components/hint';
import { useNotify } from '@/components/use-notify';
import { toFailure } from '@/graphql/errors';
import { RefreshBankLinkDocument } from '@/graphql/generated/operations';
import { useStartBankLink } from '@/graphql/use-start-bank-link';
import { needsBankPage, type BankAccountRow } from './account-words';
import { DeleteAccountsDialog, DeleteLoginDialog } from './delete-dialogs';
import { EditDialog } from './edit-dialog';
import { focusList } from './focus-list';
import { HideDialog } from './hide-dialog';
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

/** The one dialog that is open. */
type Open =
  | { dialog: 'edit' | 'ledger' | 'hide'; account: BankAccountRow }
  | { dialog: 'delete'; accounts: readonly BankAccountRow[] }
  | { dialog: 'delete login'; login: { id: string; name: string } };

interface DialogProps {
  open: Open;
  onClose: () => void;
  /** Closes it after an account left the page. */
  onGone: () => void;
}

function Dialog({ open, onClose, onGone }: DialogProps) {
  switch (open.dialog) {
    case 'edit':
      return <EditDialog account={open.account} onClose={onClose} />;
    case 'ledger':
      return <LedgerDialog account={open.account} onClose={onClose} />;
    case 'hide':
      return <HideDialog account={open.account} onClose={onClose} onHidden={onGone} />;
    case 'delete':
      return <DeleteAccountsDialog accounts={open.accounts} onClose={onClose} onDeleted={onGone} />;
    case 'delete login':
      return <DeleteLoginDialog login={open.login} onClose={onClose} onDeleted={onGone} />;
  }
}

/** One dialog may lead to another; the last one gives the focus back to where the first came from. */
function useOpen() {
  const [open, setOpen] = useState<Open | null>(null);
  const origin = useRef<Element | null>(null);
  const show = useCallbackRef((next: Open | null) => {
    if (open === null) origin.current = document.activeElement;
    setOpen(next);
  });
  useEffect(() => {
    const { current } = origin;
    if (open !== null || current === null || document.activeElement !== document.body) return;
    if (current instanceof HTMLElement && current.isConnected) current.focus();
    else focusList();
  }, [open]);
  return [open, show] as const;
}

interface ProviderProps {
  /** Called after an account was hidden or deleted, when its dialog has closed. */
  onGone?: () => void;
  children: ReactNode;
}

/** What one can do to an account, with the dialogs that it takes; for the table and for one account's page. */
export function AccountActionsProvider({ onGone, children }: ProviderProps) {
  const refresh = useCallbackRef(useRefreshLogin());
  const [open, setOpen] = useOpen();
  const [highlighted, highlight] = useState<string | null>(null);
  const [statusOf, showStatus] = useState<string | null>(null);
  const actions = useMemo<AccountActions>(
    () => ({
      refresh: (account) => void refresh(account),
      edit: (account) => setOpen({ dialog: 'edit', account }),
      chooseLedger: (account) => setOpen({ dialog: 'ledger', account }),
      hide: (account) => setOpen({ dialog: 'hide', account }),
      remove: (accounts) => setOpen({ dialog: 'delete', accounts }),
      removeLogin: (login) => setOpen({ dialog: 'delete login', login }),
      highlight,
      showStatus,
    }),
    [refresh, setOpen],
  );
  const attention = useMemo(() => ({ highlighted, statusOf }), [highlighted, statusOf]);
  const close = () => setOpen(null);
  const leave = () => {
    close();
    onGone?.();
  };
  return (
    <ActionsContext value={actions}>
      <AttentionContext value={attention}>
        <HintProvider>{children}</HintProvider>
      </AttentionContext>
      {open && <Dialog key={open.dialog} open={open} onClose={close} onGone={leave} />}
    </ActionsContext>
  );
}
