import { Button } from '@mantine/core';
import { Link2, Pencil, RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { CardList } from '@/components/card-list';
import { Moment } from '@/components/moment';
import { useAccountActions } from './use-account-actions';
import { accountsWords, needsBankPage, typeWords, type BankAccountRow } from './account-words';
import { BalanceWords } from './balance-words';
import styles from './account-cards.module.css';
import { deleteBlocked, editBlocked, hideBlocked, ledgerBlocked, refreshBlocked } from './permissions';
import { SelectBox } from './select-box';
import type { Chosen } from './selection';
import { StatusCell } from './status-cell';
import { SelectionContext, useSelecting } from './use-selection';

function CardButtons({ account }: { account: BankAccountRow }) {
  const { refresh, edit, chooseLedger, hide, remove } = useAccountActions();
  const count = account.bankLink?.accountCount ?? 1;
  const words = needsBankPage(account) ? (account.status.actionLabel ?? 'Refresh') : 'Refresh';
  return (
    <div className={styles.buttons}>
      <Button
        size="xs"
        variant={needsBankPage(account) ? 'filled' : 'default'}
        leftSection={<RefreshCw size={13} />}
        disabled={refreshBlocked(account) !== null}
        aria-label={`Refresh ${account.bankLink?.name ?? account.name}, ${accountsWords(count)}`}
        onClick={() => refresh(account)}
      >
        {count > 1 ? `${words} ${accountsWords(count)}` : words}
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<Pencil size={13} />}
        disabled={editBlocked(account) !== null}
        aria-label={`Edit ${account.name}`}
        onClick={() => edit(account)}
      >
        Edit
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<Link2 size={13} />}
        disabled={ledgerBlocked(account) !== null}
        aria-label={`Link ${account.name} to a ledger account`}
        onClick={() => chooseLedger(account)}
      >
        Ledger
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={hideBlocked(account) !== null}
        aria-label={`Hide ${account.name}`}
        onClick={() => hide(account)}
      >
        Hide…
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={deleteBlocked(account) !== null}
        aria-label={`Delete ${account.name}`}
        onClick={() => remove([account])}
      >
        Delete…
      </Button>
    </div>
  );
}

function AccountCard({ account }: { account: BankAccountRow }) {
  const { ledgerAccount, institution, number } = account;
  return (
    <article className={styles.card} aria-label={account.name}>
      <div className={styles.line}>
        <SelectBox account={account} inGrid={false} />
        <Link href={`/banks/${account.id}`} className={styles.name}>
          {account.name}
        </Link>
        <BalanceWords balance={account.currentBalance} />
      </div>
      <p className={styles.facts}>
        {[number && `••${number}`, typeWords(account.type), institution?.name].filter(Boolean).join(' · ')}
      </p>
      <StatusCell account={account} inGrid={false} />
      <p className={styles.facts}>
        Updated <Moment at={account.lastUpdateAt} />, next <Moment at={account.nextUpdateAt} as="due" />
      </p>
      <p className={styles.facts}>
        {ledgerAccount
          ? `Ledger account ${ledgerAccount.number} ${ledgerAccount.name}`
          : (account.untiedBecause ?? 'No ledger account linked')}
      </p>
      <CardButtons account={account} />
    </article>
  );
}

interface AccountCardsProps {
  rows: BankAccountRow[];
  loading: boolean;
  onNearEnd: () => void;
  chosen: Chosen;
  onChoose: (change: (before: Chosen) => Chosen) => void;
  children: ReactNode;
}

/** The same accounts on a narrow screen. */
export function AccountCards({ rows, loading, onNearEnd, chosen, onChoose, children }: AccountCardsProps) {
  const selection = useSelecting(rows, chosen, onChoose);
  return (
    <SelectionContext value={selection}>
      <CardList
        label="Linked accounts"
        rows={rows}
        loading={loading}
        onNearEnd={onNearEnd}
        estimate={220}
        card={(account) => <AccountCard account={account} />}
      >
        {children}
      </CardList>
    </SelectionContext>
  );
}
