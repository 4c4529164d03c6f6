import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { accountsWords, fullName, type BankAccountRow } from './account-words';
import { DeletionDialog } from './deletion-dialog';
import styles from './dialogs.module.css';
import { useAccountActions } from './use-account-actions';

interface DialogProps {
  onClose: () => void;
  onDeleted: () => void;
}

/** The other verbs that somebody may mean who presses Delete. */
function Rescue({ account }: { account: BankAccountRow }) {
  const { hide, removeLogin } = useAccountActions();
  const link = account.bankLink;
  return (
    <p className={styles.rescue}>
      Should it never show up again, even if its bank is added again?{' '}
      <button type="button" className={styles.textLink} onClick={() => hide(account)}>
        Hide it instead
      </button>
      {link && link.accountCount > 1 && (
        <>
          {' '}
          Or is it the whole login?{' '}
          <button type="button" className={styles.textLink} onClick={() => removeLogin(link)}>
            Delete {link.name} with {accountsWords(link.accountCount)}
          </button>
        </>
      )}
    </p>
  );
}

/** Asks whether to delete one account, or several at once. */
export function DeleteAccountsDialog({
  accounts,
  onClose,
  onDeleted,
}: DialogProps & { accounts: readonly BankAccountRow[] }) {
  const [only] = accounts;
  const [doomed] = useState(() => ({ bankAccountIds: accounts.map(({ id }) => id) }));
  const one = accounts.length === 1 && only;
  return (
    <DeletionDialog
      title={one ? `Delete “${fullName(only)}”?` : `Delete ${accountsWords(accounts.length)}?`}
      doomed={doomed}
      verb={() => (one ? 'Delete account' : `Delete ${accountsWords(accounts.length)}`)}
      rescue={one && <Rescue account={only} />}
      onClose={onClose}
      onDeleted={onDeleted}
    />
  );
}

interface DeleteLoginDialogProps extends DialogProps {
  login: { id: string; name: string };
}

/** Asks whether to delete a login with all its accounts; its name has to be typed. */
export function DeleteLoginDialog({ login, onClose, onDeleted }: DeleteLoginDialogProps) {
  const [typed, setTyped] = useState('');
  const [doomed] = useState({ bankLinkId: login.id });
  return (
    <DeletionDialog
      title={`Delete the login “${login.name}”?`}
      doomed={doomed}
      verb={(count) => `Delete login and ${accountsWords(count)}`}
      ready={typed.trim() === login.name}
      onClose={onClose}
      onDeleted={onDeleted}
    >
      <TextInput
        label={`Type its name: ${login.name}`}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      />
    </DeletionDialog>
  );
}
