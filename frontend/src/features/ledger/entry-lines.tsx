import { Link } from 'wouter';
import type { EntryFieldsFragment } from '@/graphql/generated/operations';
import { formatDecimal, isNegative, isZero, magnitude, negate, sum } from '@/lib/money';
import { creditWords, debitWords } from './amounts';
import { ClearedMark } from './cleared-mark';
import styles from './ledger.module.css';

type Line = EntryFieldsFragment['lines'][number];

const debitsOf = (lines: Line[]) =>
  lines.map(({ baseAmount }) => baseAmount.amount).filter((a) => !isNegative(a));
const creditsOf = (lines: Line[]) =>
  lines.map(({ baseAmount }) => baseAmount.amount).filter((amount) => isNegative(amount));

/** The foreign amount below the memo; debit and credit stand in base, where the entry balances. */
function Foreign({ line: { amount, baseAmount } }: { line: Line }) {
  if (amount.currency === baseAmount.currency) return null;
  return (
    <span className={styles.muted}>
      {' '}
      {formatDecimal(magnitude(amount.amount))} {amount.currency}
    </span>
  );
}

/** Lines that the bank may have: those of an account that a bank account can be tied to. */
const showsCleared = ({ cleared, ledgerAccount: { currency, type } }: Line) =>
  !isZero(cleared.amount) || (currency !== null && (type === 'ASSET' || type === 'LIABILITY'));

export function EntryLines({ entry: { lines, entryState, total } }: { entry: EntryFieldsFragment }) {
  const posted = entryState === 'POSTED';
  return (
    <div className={styles.scroller} role="region" aria-label="Lines" tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Ledger account</th>
            <th scope="col">Memo</th>
            <th scope="col" className={styles.amount}>
              Debit {total.currency}
            </th>
            <th scope="col" className={styles.amount}>
              Credit {total.currency}
            </th>
            {posted && <th scope="col">Cleared</th>}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.id}>
              <th scope="row">
                <Link href={`/ledger/${line.ledgerAccount.id}`} className={styles.number}>
                  {line.ledgerAccount.number} {line.ledgerAccount.name}
                </Link>
              </th>
              <td>
                {line.memo}
                <Foreign line={line} />
              </td>
              <td className={styles.amount}>{debitWords(line.baseAmount.amount)}</td>
              <td className={styles.amount}>{creditWords(line.baseAmount.amount)}</td>
              {posted && <td>{showsCleared(line) && <ClearedMark line={line} />}</td>}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Total</th>
            <td />
            <td className={styles.amount}>{formatDecimal(sum(debitsOf(lines)))}</td>
            <td className={styles.amount}>{formatDecimal(negate(sum(creditsOf(lines))))}</td>
            {posted && <td />}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
