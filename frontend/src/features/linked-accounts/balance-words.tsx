import type { BalanceFieldsFragment } from '@/graphql/generated/operations';
import { formatMoment } from '@/lib/dates';
import { formatBalance } from '@/lib/money';
import styles from './cells.module.css';

/** The balance that the bank last reported: "84,210.55 USD", on a card "Owed 1,240.00 USD". */
export function BalanceWords({ balance }: { balance: BalanceFieldsFragment | null }) {
  if (!balance) return <span className={styles.none}>—</span>;
  const { amount, kind } = balance;
  const at = balance.asOf ?? balance.receivedAt;
  return (
    <span className={styles.balance} title={`The bank’s balance${at ? `, ${formatMoment(at)}` : ''}`}>
      {formatBalance(amount.amount, kind)}
      <span className={styles.currency}>{amount.currency}</span>
    </span>
  );
}
