import { Button, Group, Stack, TextInput } from '@mantine/core';
import { EyeOff } from 'lucide-react';
import { useState } from 'react';
import { AlertDialog } from '@/components/alert-dialog';
import { counted, fullName, type BankAccountRow } from './account-words';
import styles from './dialogs.module.css';
import { useAccountActions } from './use-account-actions';
import { useHide } from './use-hide';

const REASON_LENGTH = 500;

function waitingWords(waiting: number): string {
  const lines = waiting === 1 ? '1 line of it waits' : `${counted(waiting)} lines of it wait`;
  return `${lines} for review, and nobody could review ${waiting === 1 ? 'it' : 'them'} any more.`;
}

/** What it means, in the words of who can't take it back. */
function Consequences({ account, waiting }: { account: BankAccountRow; waiting: number | null }) {
  const { bankLink } = account;
  return (
    <>
      <p className={styles.sentence}>
        It leaves this page for everyone and stays hidden even if you add the bank again or refresh it.
        Syncing stops. Reconciled entries stay. It can’t be undone here: only whoever runs this server can
        show it again, from its command line.
      </p>
      {bankLink?.accountCount === 1 && (
        <p className={styles.sentence}>
          This is the last account of {bankLink.name}, so its sign-in is removed too.
        </p>
      )}
      {waiting !== null && waiting > 0 && (
        <p role="alert" className={styles.conflict}>
          {waitingWords(waiting)} Review first, or say why that does not matter.
        </p>
      )}
    </>
  );
}

interface HideDialogProps {
  account: BankAccountRow;
  onClose: () => void;
  onHidden: () => void;
}

/** Asks whether to hide an account for ever. */
export function HideDialog({ account, onClose, onHidden }: HideDialogProps) {
  const { remove } = useAccountActions();
  const [reason, setReason] = useState('');
  const { waiting, counted: ready, needsReason, hide, hiding, problem } = useHide(account, onHidden);
  return (
    <AlertDialog title={`Hide “${fullName(account)}”?`} onClose={onClose} busy={hiding}>
      <Stack gap="sm">
        <Consequences account={account} waiting={waiting} />
        <TextInput
          label={needsReason ? 'Reason' : 'Reason (optional)'}
          description="It is kept in the activity log."
          maxLength={REASON_LENGTH}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        {problem !== null && (
          <p role="alert" className={styles.problem}>
            {problem}
          </p>
        )}
        <p className={styles.rescue}>
          Do you want it back one day?{' '}
          <button type="button" className={styles.textLink} onClick={() => remove([account])}>
            Delete it instead
          </button>
        </p>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus disabled={hiding} onClick={onClose}>
            Keep
          </Button>
          <Button
            color="red.9"
            leftSection={<EyeOff size={14} aria-hidden />}
            disabled={!ready || (needsReason && reason.trim() === '')}
            loading={hiding}
            onClick={() => hide(reason)}
          >
            Hide account
          </Button>
        </Group>
      </Stack>
    </AlertDialog>
  );
}
