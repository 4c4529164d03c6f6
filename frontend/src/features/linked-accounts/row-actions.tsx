import { Link2, Pencil, RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { stopIn } from '@/components/grid/stop';
import { useAccountActions } from './use-account-actions';
import { accountsWords, needsBankPage, type BankAccountRow } from './account-words';
import styles from './cells.module.css';
import { useHint } from '@/components/use-hint';
import { useOfflineSince } from '@/lib/use-offline-since';
import { deleteBlocked, editBlocked, hideBlocked, ledgerBlocked, refreshBlocked } from './permissions';

interface ActionProps {
  /** The control's name for a screen reader. */
  name: string;
  hint: string;
  blocked: string | null;
  onAct: () => void;
  onNear?: (near: boolean) => void;
  /** An icon, or words. */
  children: ReactNode;
  inGrid: boolean;
}

/** A disabled action keeps its place in the grid's keyboard order, and says why it is disabled. */
function Action({ name, hint, blocked: reason, onAct, onNear, children, inGrid }: ActionProps) {
  const offline = useOfflineSince() !== null;
  const blocked = offline ? 'You’re offline.' : reason;
  const near = useHint(blocked ?? hint, onNear);
  return (
    <button
      type="button"
      className={typeof children === 'string' ? styles.wordAction : styles.action}
      aria-label={name}
      aria-disabled={blocked !== null}
      {...stopIn(inGrid)}
      {...near}
      onClick={() => {
        if (blocked === null) onAct();
      }}
    >
      {children}
    </button>
  );
}

/** What Refresh will do, said before it is pressed. */
function refreshHint(account: BankAccountRow): string {
  const count = account.bankLink?.accountCount ?? 1;
  const shared =
    count > 1 ? `Refreshes ${accountsWords(count)} that share this login` : 'Refreshes this account';
  return needsBankPage(account) ? `${shared}, after you sign in at the bank` : shared;
}

interface RowActionsProps {
  account: BankAccountRow;
  /** In the table the grid moves the focus; elsewhere each control is a tab stop of its own. */
  inGrid?: boolean;
}

function RefreshAction({ account, inGrid }: RowActionsProps) {
  const { refresh, highlight } = useAccountActions();
  const link = account.bankLink;
  return (
    <Action
      name={`Refresh ${link?.name ?? account.name}, ${accountsWords(link?.accountCount ?? 1)}`}
      hint={refreshHint(account)}
      blocked={refreshBlocked(account)}
      onAct={() => refresh(account)}
      onNear={(near) => highlight(near ? (link?.id ?? null) : null)}
      inGrid={inGrid ?? true}
    >
      <RefreshCw size={15} />
    </Action>
  );
}

export function RowActions({ account, inGrid = true }: RowActionsProps) {
  const { edit, chooseLedger, hide, remove } = useAccountActions();
  return (
    <span className={styles.actions}>
      <RefreshAction account={account} inGrid={inGrid} />
      <Action
        name={`Edit ${account.name}`}
        hint="Edit name and memo"
        blocked={editBlocked(account)}
        onAct={() => edit(account)}
        inGrid={inGrid}
      >
        <Pencil size={15} />
      </Action>
      <Action
        name={`Link ${account.name} to a ledger account`}
        hint={account.ledgerAccount ? 'Change the ledger account' : 'Link to a ledger account'}
        blocked={ledgerBlocked(account)}
        onAct={() => chooseLedger(account)}
        inGrid={inGrid}
      >
        <Link2 size={15} />
      </Action>
      <Action
        name={`Hide ${account.name}`}
        hint="Never show it again, even if its bank is added again"
        blocked={hideBlocked(account)}
        onAct={() => hide(account)}
        inGrid={inGrid}
      >
        Hide…
      </Action>
      <Action
        name={`Delete ${account.name}`}
        hint="Erase what is not reconciled; it can be added back"
        blocked={deleteBlocked(account)}
        onAct={() => remove([account])}
        inGrid={inGrid}
      >
        Delete…
      </Action>
    </span>
  );
}
