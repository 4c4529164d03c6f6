import { Button } from '@mantine/core';
import { Download, Printer } from 'lucide-react';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { DateField } from '@/components/date-field';
import { ErrorPanel, Panel } from '@/components/panel';
import { toFailure } from '@/graphql/errors';
import { TrialBalanceDocument, type TrialBalanceQuery } from '@/graphql/generated/operations';
import { useViewer } from '@/graphql/use-viewer';
import { formatDate } from '@/lib/dates';
import { formatDecimal } from '@/lib/money';
import { useAddress } from '@/lib/use-address';
import { LedgerFrame } from './ledger-frame';
import styles from './ledger.module.css';
import { useLiveBooks } from './use-live-books';

type TrialBalance = TrialBalanceQuery['trialBalance'];

function Table({ trialBalance }: { trialBalance: TrialBalance }) {
  const { on, baseCurrency, rows, totalDebit, totalCredit } = trialBalance;
  const register = (id: string) => `/ledger/${id}?to=${on}`;
  return (
    <div className={styles.scroller} role="region" aria-label="Trial balance" tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Number</th>
            <th scope="col">Account</th>
            <th scope="col" className={styles.amount}>
              Debit {baseCurrency}
            </th>
            <th scope="col" className={styles.amount}>
              Credit {baseCurrency}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ ledgerAccount: { id, number, name }, debit, credit }) => (
            <tr key={id}>
              <td>{number}</td>
              <th scope="row">
                <Link href={register(id)} className={styles.number}>
                  {name}
                </Link>
              </th>
              <td className={styles.amount}>{debit && formatDecimal(debit.amount)}</td>
              <td className={styles.amount}>{credit && formatDecimal(credit.amount)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <td />
            <th scope="row">Total</th>
            <td className={styles.amount}>{formatDecimal(totalDebit.amount)}</td>
            <td className={styles.amount}>{formatDecimal(totalCredit.amount)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** What stands on each account at the end of a day, in the base currency: debits and credits add up to the same. */
export function TrialBalancePage() {
  const viewer = useViewer();
  const [{ on }, show] = useAddress(['on']);
  const [{ data, error }, read] = useQuery({
    query: TrialBalanceDocument,
    variables: { on: on || null },
    requestPolicy: 'cache-and-network',
  });
  const again = () => read({ requestPolicy: 'network-only' });
  useLiveBooks(again);
  const trialBalance = data?.trialBalance;
  const day = trialBalance?.on ?? on;
  return (
    <LedgerFrame
      tab="/ledger/trial-balance"
      count={day ? `${viewer?.organization.name ?? ''}, at the end of ${formatDate(day)}` : null}
    >
      <div className={`${styles.bar ?? ''} ${styles.noPrint ?? ''}`}>
        <DateField label="At the end of" value={day} onChange={(date) => show({ on: date })} />
        <span className={styles.gap} />
        <Button
          size="xs"
          variant="default"
          leftSection={<Printer size={14} />}
          onClick={() => window.print()}
        >
          Print
        </Button>
        <Button
          component="a"
          href={`/export/trial-balance.csv${day ? `?on=${day}` : ''}`}
          download
          size="xs"
          variant="default"
          leftSection={<Download size={14} />}
        >
          Download CSV
        </Button>
      </div>
      {error && !trialBalance && (
        <ErrorPanel title="Couldn’t load the trial balance." failure={toFailure(error)} onRetry={again} />
      )}
      {!trialBalance && !error && <Panel title="Reading…" />}
      {trialBalance &&
        (trialBalance.rows.length > 0 ? (
          <Table trialBalance={trialBalance} />
        ) : (
          <Panel title={`Nothing was posted up to ${formatDate(trialBalance.on)}.`} />
        ))}
    </LedgerFrame>
  );
}
