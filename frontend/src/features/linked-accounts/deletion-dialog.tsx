import { Anchor, Button, Group, Stack } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { AlertDialog } from '@/components/alert-dialog';
import { ErrorPanel } from '@/components/panel';
import { fullName } from './account-words';
import { previewWords, receiptTitle, toBeWords, type Preview, type Receipt } from './deletion-words';
import styles from './dialogs.module.css';
import { MonthsTable, ReceiptDetail } from './receipt';
import { useDeletion, type Doomed } from './use-deletion';

/** The file of an account's lines, with all that deleting would erase. */
const csvPath = (id: string) => `/export/bank-transactions.csv?${new URLSearchParams({ account: id })}`;

function Downloads({ preview }: { preview: Preview }) {
  const accounts = preview.accounts.flatMap(({ bankAccount, erasedCount }) =>
    bankAccount && erasedCount > 0 ? [bankAccount] : [],
  );
  if (accounts.length === 0) return null;
  const [only] = accounts;
  return (
    <div className={styles.downloads}>
      {accounts.length === 1 && only ? (
        <Anchor size="sm" href={csvPath(only.id)} download>
          Download CSV first
        </Anchor>
      ) : (
        <>
          Download CSV first:{' '}
          {accounts.map((account) => (
            <Anchor key={account.id} size="sm" href={csvPath(account.id)} download>
              {fullName(account)}
            </Anchor>
          ))}
        </>
      )}
    </div>
  );
}

function Months({ account }: { account: Preview['accounts'][number] }) {
  const { bankAccount, months } = account;
  if (months.length === 0) return null;
  const name = bankAccount ? fullName(bankAccount) : 'this account';
  return (
    <details className={styles.details}>
      <summary>What would be erased, by month</summary>
      <MonthsTable months={months} label={`To be erased of ${name}, by month`} />
    </details>
  );
}

/** What would go and what stays; of each account where there are several. */
function Consequences({ preview }: { preview: Preview }) {
  const { accounts } = preview;
  const [only] = accounts;
  return (
    <>
      {accounts.length > 1 && (
        <ul className={styles.names} aria-label="Accounts to be deleted">
          {accounts.map((account, index) => (
            <li key={account.bankAccount?.id ?? index}>
              <strong>{account.bankAccount && fullName(account.bankAccount)}</strong> {toBeWords(account)}
              <Months account={account} />
            </li>
          ))}
        </ul>
      )}
      {previewWords(preview).map((sentence) => (
        <p key={sentence} className={styles.sentence}>
          {sentence}
        </p>
      ))}
      {accounts.length === 1 && only && <Months account={only} />}
    </>
  );
}

function ReceiptDialog({ receipt, onClose }: { receipt: Receipt; onClose: () => void }) {
  return (
    <Stack gap="sm">
      <p className={styles.done} role="status">
        {receiptTitle(receipt)}.
      </p>
      <ReceiptDetail receipt={receipt} />
      <Group justify="space-between" gap="xs">
        <Link href="/banks/deletions" className={styles.textLink} onClick={onClose}>
          All receipts
        </Link>
        <Button autoFocus onClick={onClose}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}

interface DeletionDialogProps {
  title: string;
  doomed: Doomed;
  /** What the button says once the counts are there. */
  verb: (accounts: number) => string;
  /** False while something has to be typed first. */
  ready?: boolean;
  /** Other verbs that may be meant. */
  rescue?: ReactNode;
  onClose: () => void;
  onDeleted: () => void;
  /** Before the buttons: what has to be typed. */
  children?: ReactNode;
}

/** Says what deleting does with live counts, does it, and shows the receipt. */
export function DeletionDialog(props: DeletionDialogProps) {
  const { title, doomed, verb, ready = true, rescue, onClose, onDeleted, children } = props;
  const { preview, outdated, failure, gone, readAgain, run, running, problem, receipt } = useDeletion(doomed);
  if (receipt)
    return (
      <AlertDialog key="receipt" title="Receipt" onClose={onDeleted}>
        <ReceiptDialog receipt={receipt} onClose={onDeleted} />
      </AlertDialog>
    );
  return (
    <AlertDialog title={title} onClose={onClose} busy={running}>
      <Stack gap="sm">
        {!preview && !failure && !gone && <p className={styles.text}>Counting what it would erase…</p>}
        {failure && (
          <ErrorPanel title="Couldn’t count what it would erase." failure={failure} onRetry={readAgain} />
        )}
        {gone && <p className={styles.sentence}>It is not here any more: somebody was faster.</p>}
        {outdated && (
          <p role="alert" className={styles.conflict}>
            Something changed since you looked, and nothing was deleted. These are the counts now.
          </p>
        )}
        {preview && <Consequences preview={preview} />}
        {preview && children}
        {problem !== null && (
          <p role="alert" className={styles.problem}>
            {problem}
          </p>
        )}
        {rescue}
        <Group justify="space-between" gap="xs">
          {preview ? <Downloads preview={preview} /> : <span />}
          <Group gap="xs" className={styles.choices}>
            <Button variant="default" data-autofocus disabled={running} onClick={onClose}>
              Keep
            </Button>
            <Button
              color="red.9"
              leftSection={<Trash2 size={14} aria-hidden />}
              disabled={!preview || !ready}
              loading={running}
              onClick={run}
            >
              {verb(preview?.accounts.length ?? 0)}
            </Button>
          </Group>
        </Group>
      </Stack>
    </AlertDialog>
  );
}
