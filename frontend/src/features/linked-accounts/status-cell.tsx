import { statusWords, type BankAccountRow } from './account-words';
import { StatusIcon } from './status-icon';
import styles from './status.module.css';

export function StatusCell({ account }: { account: BankAccountRow }) {
  const { status } = account;
  return (
    <button
      type="button"
      data-stop
      tabIndex={-1}
      className={styles.status}
      data-severity={status.severity}
      data-busy={status.activity !== 'IDLE'}
    >
      <StatusIcon status={status} />
      <span className={styles.words}>{statusWords(account)}</span>
    </button>
  );
}
