import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { BalanceFieldsFragment } from '@/graphql/generated/operations';
import { Moment } from '@/components/moment';
import { formatBalance, formatDecimal } from '@/lib/money';
import { typeWords, type BankAccountRow } from './account-words';
import styles from './account-header.module.css';
import { RowActions } from './row-actions';
import { StatusCell } from './status-cell';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function BalanceFact({ name, balance }: { name: string; balance: BalanceFieldsFragment | null }) {
  if (!balance) return null;
  const { amount, kind, asOf, receivedAt } = balance;
  return (
    <Fact name={name}>
      <span className={styles.amount}>
        {formatBalance(amount.amount, kind)} <small>{amount.currency}</small>
      </span>
      <span className={styles.as}>
        reported <Moment at={asOf ?? receivedAt} />
      </span>
    </Fact>
  );
}

/** Who the account is, what it holds, how its login fares, and what one can do. */
export function AccountHeader({ account }: { account: BankAccountRow }) {
  const { name, memo, number, type, institution, creditLimit, ledgerAccount, untiedBecause } = account;
  return (
    <header className={styles.header}>
      <p className={styles.crumb}>
        <Link href="/banks">Link Banks</Link>
      </p>
      <div className={styles.line}>
        <h1>{name}</h1>
        <span className={styles.who}>
          {[number && `••${number}`, typeWords(type), institution?.name].filter(Boolean).join(' · ')}
        </span>
        <span className={styles.gap} />
        <RowActions account={account} inGrid={false} />
      </div>
      {memo && <p className={styles.memo}>{memo}</p>}
      <dl className={styles.facts}>
        <BalanceFact name="Current Balance" balance={account.currentBalance} />
        <BalanceFact name="Available" balance={account.availableBalance} />
        {creditLimit && (
          <Fact name="Credit Limit">
            <span className={styles.amount}>
              {formatDecimal(creditLimit.amount)} <small>{creditLimit.currency}</small>
            </span>
          </Fact>
        )}
        <Fact name="Status">
          <StatusCell account={account} inGrid={false} />
        </Fact>
        <Fact name="Last Update">
          <Moment at={account.lastUpdateAt} />
        </Fact>
        <Fact name="Next Update">
          <Moment at={account.nextUpdateAt} as="due" />
        </Fact>
        <Fact name="Ledger Account">
          {ledgerAccount ? `${ledgerAccount.number} ${ledgerAccount.name}` : 'Not linked'}
          {untiedBecause !== null && <span className={styles.untied}>{untiedBecause}</span>}
        </Fact>
      </dl>
    </header>
  );
}
