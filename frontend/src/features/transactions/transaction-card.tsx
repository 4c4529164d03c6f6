import { formatDate } from '@/lib/dates';
import type { BankTransactionRow } from './columns';
import { AmountWords, PendingMark } from './marks';
import styles from './transactions.module.css';

export function TransactionCard({ transaction }: { transaction: BankTransactionRow }) {
  const { datedOn, description, counterparty, pending } = transaction;
  return (
    <article className={styles.card}>
      <span className={styles.cardText}>{description}</span>
      <AmountWords amount={transaction.amount} />
      <span className={styles.cardFacts}>
        <time dateTime={datedOn}>{formatDate(datedOn)}</time>
        {counterparty ? ` · ${counterparty}` : ''} {pending && <PendingMark />}
      </span>
    </article>
  );
}
