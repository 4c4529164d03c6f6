import { formatSigned } from '@/lib/money';
import { counted, fullName } from './account-words';
import { countsWords, listed, monthWords, type ErasedMonth, type Receipt } from './deletion-words';
import styles from './receipt.module.css';

/** What was erased, or would be, month by month. */
export function MonthsTable({ months, label }: { months: readonly ErasedMonth[]; label: string }) {
  return (
    <div className={styles.months}>
      <table aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Month</th>
            <th scope="col">Lines</th>
            <th scope="col">Sum</th>
          </tr>
        </thead>
        <tbody>
          {months.map(({ month, lineCount, sum }) => (
            <tr key={`${month} ${sum.currency}`}>
              <th scope="row">{monthWords(month)}</th>
              <td>{counted(lineCount)}</td>
              <td>
                {formatSigned(sum.amount)} <small>{sum.currency}</small>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What was deleted, and what stayed; it never changes. */
export function ReceiptDetail({ receipt: { accounts, linkNames } }: { receipt: Receipt }) {
  return (
    <div className={styles.receipt}>
      {accounts.map((account) => (
        <section key={account.bankAccountId} aria-label={fullName(account)}>
          <p>
            <strong>{fullName(account)}:</strong> {countsWords(account)}
          </p>
          {account.months.length > 0 && (
            <details>
              <summary>What was erased, by month</summary>
              <MonthsTable months={account.months} label={`Erased of ${fullName(account)}, by month`} />
            </details>
          )}
        </section>
      ))}
      {linkNames.length > 0 && (
        <p>
          The sign-in{linkNames.length === 1 ? '' : 's'} {listed(linkNames)}{' '}
          {linkNames.length === 1 ? 'is' : 'are'} removed too, at the bank aggregator as well.
        </p>
      )}
      <p className={styles.quiet}>
        Add {accounts.length === 1 ? 'it' : 'them'} back with Add Bank/CC at any time: what was kept is still
        reconciled then.
      </p>
    </div>
  );
}
