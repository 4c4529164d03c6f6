import { formatDecimal, formatSigned, isNegative, type Money } from '@/lib/money';
import styles from './amount.module.css';

interface AmountProps {
  of: Money;
  /** With "+" before what came in. */
  signed?: boolean;
  currency?: boolean;
}

/** An amount in columns: digits of one width, money that came in in another colour. */
export function Amount({ of: { amount, currency: code }, signed = false, currency = false }: AmountProps) {
  return (
    <span className={styles.amount} data-in={signed && !isNegative(amount)}>
      {signed ? formatSigned(amount) : formatDecimal(amount)}
      {currency && <span className={styles.currency}>{code}</span>}
    </span>
  );
}
