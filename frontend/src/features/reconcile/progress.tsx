import styles from './progress.module.css';
import type { Counts } from './state-tabs';

/** How much is settled: "212 of 240 reconciled", as words and as a bar. */
export function Progress({ counts, total }: { counts: Counts; total: number }) {
  const settled = counts.reconciled + counts.excluded;
  const words = `${counts.reconciled} of ${total - counts.excluded} reconciled`;
  return (
    <span className={styles.progress}>
      <span>{words}</span>
      <span
        className={styles.bar}
        role="progressbar"
        aria-label={words}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={settled}
      >
        <span style={{ width: total > 0 ? `${(100 * settled) / total}%` : 0 }} />
      </span>
    </span>
  );
}
