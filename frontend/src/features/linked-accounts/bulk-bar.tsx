import { Button } from '@mantine/core';
import { RefreshCw } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { useNotify } from '@/components/use-notify';
import { accountsWords, loginsWords, needsBankPage, type BankAccountRow } from './account-words';
import styles from './bulk-bar.module.css';
import { deleteBlocked, refreshBlocked } from './permissions';
import { useAccountActions } from './use-account-actions';

/** One account of each login among these. */
function oneOfEachLogin(accounts: readonly BankAccountRow[]): BankAccountRow[] {
  const byLogin = new Map(accounts.map((account) => [account.bankLink?.id ?? account.id, account]));
  return [...byLogin.values()];
}

function RefreshButton({ accounts }: { accounts: readonly BankAccountRow[] }) {
  const { refresh } = useAccountActions();
  const notify = useNotify();
  const logins = oneOfEachLogin(accounts.filter(({ bankLink }) => bankLink !== null));
  const ready = logins.filter((account) => refreshBlocked(account) === null && !needsBankPage(account));
  const waiting = logins.filter(needsBankPage);
  const covered = ready.reduce((count, { bankLink }) => count + (bankLink?.accountCount ?? 0), 0);
  const run = () => {
    for (const account of ready) refresh(account);
    const names = waiting.map(({ bankLink }) => bankLink?.name).join(', ');
    if (names) notify('problem', `Sign in at the bank first: ${names}. Press Refresh in its own row.`);
  };
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<RefreshCw size={13} aria-hidden />}
      disabled={ready.length === 0 && waiting.length === 0}
      onClick={run}
    >
      {ready.length === 0 ? 'Refresh' : `Refresh ${loginsWords(ready.length)} (${accountsWords(covered)})`}
    </Button>
  );
}

interface BulkBarProps {
  accounts: readonly BankAccountRow[];
  onClear: () => void;
}

/** What one can do with all chosen accounts at once. */
export function BulkBar({ accounts, onClear }: BulkBarProps) {
  const { remove } = useAccountActions();
  const blocked = accounts.map(deleteBlocked).find((reason) => reason !== null) ?? null;
  const leave = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClear();
  };
  if (accounts.length === 0) return null;
  return (
    <section className={styles.bar} aria-label="Selected accounts" onKeyDown={leave}>
      <span role="status">
        <strong>{accounts.length}</strong> selected
      </span>
      <RefreshButton accounts={accounts} />
      <Button
        size="compact-sm"
        variant="default"
        disabled={blocked !== null}
        title={blocked ?? undefined}
        onClick={() => remove(accounts)}
      >
        Delete…
      </Button>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>
        Clear
      </Button>
      <span className={styles.key}>Esc clears</span>
    </section>
  );
}
