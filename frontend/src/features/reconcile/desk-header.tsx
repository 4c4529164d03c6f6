import { ActionIcon, Button, NativeSelect } from '@mantine/core';
import { History, Keyboard } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { Moment } from '@/components/moment';
import type { ReconciliationQuery } from '@/graphql/generated/operations';
import { useViewer } from '@/graphql/use-viewer';
import { formatDate, todayIn } from '@/lib/dates';
import type { ReconcileAccount } from './account-chooser';
import type { View } from './address';
import { dayBeside } from './calendar';
import { accountWords } from './line-words';
import { Progress } from './progress';
import { RangePicker } from './range-picker';
import styles from './reconcile.module.css';

interface DeskHeaderProps {
  account: ReconcileAccount;
  accounts: readonly ReconcileAccount[];
  view: View;
  reconciliation: ReconciliationQuery['reconciliation'] | undefined;
  onView: (view: View) => void;
  onAccount: (id: string) => void;
  onHistory: () => void;
  onHelp: () => void;
}

function OlderLines({
  view,
  reconciliation,
  onView,
}: Pick<DeskHeaderProps, 'view' | 'reconciliation' | 'onView'>) {
  if (!view.from || !reconciliation || reconciliation.olderOpen === 0) return null;
  const { olderOpen, olderOpenFrom } = reconciliation;
  return (
    <p className={styles.older} role="status">
      {olderOpen === 1 ? '1 unreconciled line' : `${olderOpen} unreconciled lines`} before{' '}
      {formatDate(view.from)}
      <Button
        size="compact-xs"
        variant="default"
        onClick={() =>
          onView({
            ...view,
            from: olderOpenFrom ?? '',
            to: dayBeside(view.from, -1),
            tab: 'review',
            search: '',
            way: '',
          })
        }
      >
        Show
      </Button>
    </p>
  );
}

/** Which account, which days, how far one has come. */
export function DeskHeader(props: DeskHeaderProps) {
  const { account, accounts, view, reconciliation, onView, onAccount, onHistory, onHelp } = props;
  const zone = useViewer()?.organization.timeZone ?? 'UTC';
  const [today] = useState(() => todayIn(zone));
  return (
    <header className={styles.header}>
      <div className={styles.heading}>
        <h1 className={styles.title}>
          <Link href="/reconcile">Reconcile</Link>
        </h1>
        <NativeSelect
          size="xs"
          aria-label="Account"
          className={styles.account}
          value={account.id}
          data={accounts.map((one) => ({ value: one.id, label: accountWords(one) }))}
          onChange={({ currentTarget }) => onAccount(currentTarget.value)}
        />
        <RangePicker range={view} today={today} onRange={({ from, to }) => onView({ ...view, from, to })} />
        {reconciliation && <Progress counts={reconciliation.counts} total={reconciliation.total} />}
        <span className={styles.gap} />
        {account.lastUpdateAt && (
          <span className={styles.updated}>
            Updated <Moment at={account.lastUpdateAt} />
          </span>
        )}
        <Button size="xs" variant="default" leftSection={<History size={14} />} onClick={onHistory}>
          History
        </Button>
        <ActionIcon
          className={styles.help}
          variant="default"
          size={30}
          aria-label="Keyboard"
          onClick={onHelp}
        >
          <Keyboard size={16} />
        </ActionIcon>
      </div>
      <OlderLines view={view} reconciliation={reconciliation} onView={onView} />
    </header>
  );
}
