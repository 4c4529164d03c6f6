import styles from './cells.module.css';
import type { BankAccountRow } from './account-words';

/** The ledger account that a bank account is kept in; or that there is none, and why it lost the one it had. */
export function LedgerWords({ account }: { account: BankAccountRow }) {
  const { ledgerAccount, untiedBecause } = account;
  if (ledgerAccount)
    return <span className={styles.clip}>{`${ledgerAccount.number} ${ledgerAccount.name}`}</span>;
  if (untiedBecause === null) return <span className={styles.none}>Not linked</span>;
  return (
    <span className={styles.untied} title={untiedBecause}>
      Not linked: {untiedBecause}
    </span>
  );
}
