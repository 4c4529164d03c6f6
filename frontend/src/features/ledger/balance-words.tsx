import { formatDecimal, isNegative, isZero, magnitude, type Money } from '@/lib/money';
import styles from './ledger.module.css';

/** A balance with its side: "1,240.00 Dr", "310.00 Cr", "0.00". */
export function BalanceWords({ money: { amount, currency }, base }: { money: Money; base?: string }) {
  return (
    <span>
      {formatDecimal(magnitude(amount))}
      {!isZero(amount) && <span className={styles.side}> {isNegative(amount) ? 'Cr' : 'Dr'}</span>}
      {base !== undefined && base !== currency && <span className={styles.side}> {currency}</span>}
    </span>
  );
}
