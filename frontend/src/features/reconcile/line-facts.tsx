import { Amount } from './amount';
import styles from './line-pane.module.css';
import { isPartly } from './line-words';
import type { Line } from './outcome';
import { formatDate } from '@/lib/dates';

/** The line in hand, in full: what the bank says of it. */
export function LineFacts({ line }: { line: Line }) {
  const facts = [
    line.counterparty !== line.description && line.counterparty,
    line.checkNumber && `Cheque ${line.checkNumber}`,
    line.occurredOn && line.occurredOn !== line.datedOn && `occurred ${formatDate(line.occurredOn)}`,
  ].filter(Boolean);
  return (
    <header className={styles.facts}>
      <div className={styles.top}>
        <time dateTime={line.datedOn}>{formatDate(line.datedOn)}</time>
        <h2 className={styles.name}>{line.description}</h2>
        <span className={styles.amount}>
          <Amount of={line.amount} signed currency />
        </span>
      </div>
      {line.bankDescription && line.bankDescription !== line.description && (
        <p className={styles.bankText}>{line.bankDescription}</p>
      )}
      {facts.length > 0 && <p className={styles.bankText}>{facts.join(' · ')}</p>}
      {isPartly(line) && (
        <p className={styles.partly}>
          Partly reconciled: <Amount of={line.reconciled} /> is, <Amount of={line.remainder} /> stays open.
        </p>
      )}
      {line.preparedCoding?.amountChanged && (
        <p className={styles.partly}>
          The amount changed from <Amount of={line.preparedCoding.amount} signed /> to{' '}
          <Amount of={line.amount} signed /> since {line.preparedCoding.by.name} prepared this.
        </p>
      )}
    </header>
  );
}
