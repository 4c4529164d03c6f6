import type { EntryRow } from './entry-words';
import styles from './ledger.module.css';

/** Draft, reversed, a reversal; a posted entry that nothing took back needs no mark. */
export function EntryMarks({ entry }: { entry: EntryRow }) {
  return (
    <>
      {entry.entryState === 'DRAFT' && (
        <span className={styles.mark} data-tone="draft">
          Draft
        </span>
      )}
      {entry.reversedBy && (
        <span className={styles.mark} data-tone="warning">
          Reversed
        </span>
      )}
      {entry.reverses && <span className={styles.mark}>Reversal</span>}
    </>
  );
}
