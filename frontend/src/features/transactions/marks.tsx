import { formatSigned, isNegative } from '@/lib/money';
import type { BankTransactionRow } from './columns';
import styles from './transactions.module.css';

export function PendingMark() {
  return (
    <span className={styles.pending} title="The bank has not posted it yet: it may change, or go away.">
      Pending
    </span>
  );
}

export function AmountWords({ amount: { amount, currency } }: Pick<BankTransactionRow, 'amount'>) {
  return (
    <span className={isNegative(amount) ? undefined : styles.in}>
      {formatSigned(amount)}
      <span className={styles.currency}>{currency}</span>
    </span>
  );
}
