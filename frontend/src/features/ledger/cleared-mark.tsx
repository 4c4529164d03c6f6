import { Check } from 'lucide-react';
import { formatDecimal, isZero, magnitude, type Money } from '@/lib/money';
import styles from './ledger.module.css';

/** Whether the bank has it: all, a part, or nothing yet. */
export function ClearedMark({ line: { cleared, open } }: { line: { cleared: Money; open: Money } }) {
  if (isZero(open.amount))
    return (
      <span className={styles.mark} data-tone="ok">
        <Check size={11} aria-hidden /> Cleared
      </span>
    );
  if (isZero(cleared.amount)) return <span className={styles.muted}>Open</span>;
  return (
    <span className={styles.mark} data-tone="warning" title={`${formatDecimal(magnitude(open.amount))} open`}>
      Partly
    </span>
  );
}
