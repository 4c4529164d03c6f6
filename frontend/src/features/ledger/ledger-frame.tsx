import { Button } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { Lock } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { BooksDocument, type BooksFieldsFragment } from '@/graphql/generated/operations';
import { formatDate } from '@/lib/dates';
import styles from './ledger.module.css';
import { PeriodLockDialog } from './period-lock-dialog';

const TABS = [
  { path: '/ledger', name: 'Chart of accounts' },
  { path: '/ledger/entries', name: 'Journal entries' },
  { path: '/ledger/trial-balance', name: 'Trial balance' },
] as const;

function lockWords({ softLockOn, hardLockOn }: BooksFieldsFragment): string {
  if (hardLockOn && (!softLockOn || softLockOn <= hardLockOn))
    return `Locked up to ${formatDate(hardLockOn)}`;
  return softLockOn ? `Soft lock up to ${formatDate(softLockOn)}` : 'No period lock';
}

function PeriodLockButton() {
  const [{ data }, read] = useQuery({ query: BooksDocument, requestPolicy: 'cache-and-network' });
  const [open, setOpen] = useState(false);
  // the books have no id by which the cache could tell that the answer changed them
  const done = () => {
    setOpen(false);
    read({ requestPolicy: 'network-only' });
  };
  if (!data) return null;
  return (
    <>
      <Button
        size="xs"
        variant="subtle"
        color="gray"
        leftSection={<Lock size={13} />}
        onClick={() => setOpen(true)}
        className={styles.noPrint ?? ''}
      >
        {lockWords(data.books)}
      </Button>
      {open && <PeriodLockDialog books={data.books} onClose={() => setOpen(false)} onDone={done} />}
    </>
  );
}

interface LedgerFrameProps {
  tab: (typeof TABS)[number]['path'];
  count?: string | null;
  /** Buttons at the right. */
  actions?: ReactNode;
  children: ReactNode;
}

/** What the pages of the books have in common: where one is, the way to the others, the period lock. */
export function LedgerFrame({ tab, count, actions, children }: LedgerFrameProps) {
  const name = TABS.find(({ path }) => path === tab)?.name ?? '';
  useDocumentTitle(`${name} · Counterfoil`);
  return (
    <div className={styles.page}>
      <div className={styles.heading}>
        <h1 className={styles.title}>{name}</h1>
        {count && <span className={styles.count}>{count}</span>}
        <span className={styles.gap} />
        <PeriodLockButton />
        {actions}
      </div>
      <nav className={`${styles.tabs ?? ''} ${styles.noPrint ?? ''}`} aria-label="Ledger">
        {TABS.map(({ path, name: words }) => (
          <Link key={path} href={path} aria-current={path === tab ? 'page' : undefined}>
            {words}
          </Link>
        ))}
      </nav>
      {children}
    </div>
  );
}
