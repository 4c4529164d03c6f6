import { Button } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { Download, Pencil } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { useQuery } from 'urql';
import { Link, useLocation } from 'wouter';
import { DateField } from '@/components/date-field';
import { LongList } from '@/components/long-list';
import { ErrorPanel, Panel } from '@/components/panel';
import { toFailure } from '@/graphql/errors';
import { ChartAccountDocument, RegisterDocument, type RegisterQuery } from '@/graphql/generated/operations';
import { usePages } from '@/graphql/use-pages';
import { formatDate } from '@/lib/dates';
import { formatDecimal, isNegative, isZero, magnitude } from '@/lib/money';
import { useAddress } from '@/lib/use-address';
import { AccountDialog } from './account-dialog';
import { BalanceWords } from './balance-words';
import { ACCOUNT_TYPES, type ChartAccount } from './chart-words';
import styles from './ledger.module.css';
import { columns } from './register-columns';
import { memoOf, toRow, type Register, type RegisterRow } from './register-row';
import { useLiveBooks } from './use-live-books';

const PAGE = 200;
const NO_SORTING: never[] = [];

/** The rows know their id, and the page above them the balances at both ends. */
const selectRows = ({ ledgerAccount }: RegisterQuery) =>
  ledgerAccount && {
    ...ledgerAccount.register,
    nodes: ledgerAccount.register.nodes.map((row) => toRow(row, ledgerAccount.register.currency)),
  };

function RowCard({ row }: { row: RegisterRow }) {
  const { line, amount, runningBalance } = row;
  return (
    <article className={styles.card}>
      <span className={styles.cardText}>
        <Link href={`/ledger/entries/${line.journalEntry.id}`} className={styles.number}>
          {line.journalEntry.number}
        </Link>{' '}
        {memoOf(row)}
      </span>
      <span>
        {formatDecimal(magnitude(amount.amount))}
        <span className={styles.side}> {isNegative(amount.amount) ? 'Cr' : 'Dr'}</span>
      </span>
      <span className={styles.cardFacts}>
        {line.postedOn && formatDate(line.postedOn)} · balance <BalanceWords money={runningBalance} />
      </span>
    </article>
  );
}

function Ends({ register, from, to }: { register: Register | undefined; from: string; to: string }) {
  if (!register) return null;
  return (
    <dl className={styles.facts}>
      <div>
        <dt>Opening balance{from && `, before ${formatDate(from)}`}</dt>
        <dd>
          <strong>
            <BalanceWords money={register.opening} base="" />
          </strong>
        </dd>
      </div>
      <div>
        <dt>Closing balance{to && `, end of ${formatDate(to)}`}</dt>
        <dd>
          <strong>
            <BalanceWords money={register.closing} base="" />
          </strong>
        </dd>
      </div>
      <div>
        <dt>Lines</dt>
        <dd>
          <strong>{register.totalCount ?? 'more than 10,000'}</strong>
        </dd>
      </div>
    </dl>
  );
}

function csvPath(id: string, from: string, to: string): string {
  const parts = Object.entries({ account: id, from, to }).filter(([, value]) => value !== '');
  return `/export/register.csv?${new URLSearchParams(parts).toString()}`;
}

function Heading({ account, children }: { account: ChartAccount; children: ReactNode }) {
  const { number, name, type, currency, active, bankAccount } = account;
  const facts = [ACCOUNT_TYPES[type], currency ?? 'any currency', !active && 'inactive'].filter(Boolean);
  return (
    <header>
      <p className={styles.crumb}>
        <Link href="/ledger">Chart of accounts</Link>
      </p>
      <div className={styles.heading}>
        <h1 className={styles.title}>
          {number} {name}
        </h1>
        <span className={styles.count}>
          {facts.join(' · ')}
          {bankAccount && (
            <>
              {' · '}keeps <Link href={`/banks/${bankAccount.id}`}>{bankAccount.name}</Link>
            </>
          )}
        </span>
        <span className={styles.gap} />
        {children}
      </div>
    </header>
  );
}

function RegisterLines({ account }: { account: ChartAccount }) {
  const { id } = account;
  const [, navigate] = useLocation();
  const [{ from, to }, show] = useAddress(['from', 'to']);
  const variables = useMemo(() => ({ id, from: from || null, to: to || null, first: PAGE }), [id, from, to]);
  const pages = usePages(RegisterDocument, variables, selectRows);
  const [{ data }] = useQuery({ query: RegisterDocument, variables: { ...variables, after: null } });
  useLiveBooks(pages.refetch);
  const cleared = account.bankAccount !== null || pages.rows.some(({ line }) => !isZero(line.cleared.amount));
  return (
    <>
      <div className={styles.bar} role="search" aria-label="Choose dates">
        <DateField label="From" value={from} onChange={(date) => show({ from: date })} />
        <DateField label="To" value={to} onChange={(date) => show({ to: date })} />
        <span className={styles.gap} />
        <Button
          component="a"
          href={csvPath(id, from, to)}
          download
          size="xs"
          variant="default"
          leftSection={<Download size={14} />}
        >
          Download CSV
        </Button>
      </div>
      <Ends register={data?.ledgerAccount?.register} from={from} to={to} />
      <div className={styles.list}>
        <LongList
          label="Register"
          columns={columns}
          visibility={{ cleared }}
          sorting={NO_SORTING}
          onSort={() => undefined}
          pages={pages}
          card={(row) => <RowCard row={row} />}
          cardHeight={64}
          onOpenRow={({ line }) => navigate(`/ledger/entries/${line.journalEntry.id}`)}
        >
          {pages.failure ? (
            <ErrorPanel
              title="Couldn’t load the register."
              failure={pages.failure}
              onRetry={() => void pages.refetch()}
            />
          ) : (
            !pages.loading &&
            pages.rows.length === 0 && (
              <Panel
                title={from || to ? 'Nothing was posted in these dates.' : 'Nothing was posted here yet.'}
              />
            )
          )}
        </LongList>
      </div>
    </>
  );
}

/** The register of one ledger account: each line with the balance after it, and whether the bank has it. */
export function RegisterPage({ params: { account: id } }: { params: { account: string } }) {
  const [{ data, error, fetching }, read] = useQuery({
    query: ChartAccountDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  const [editing, setEditing] = useState(false);
  const account = data?.ledgerAccount;
  useDocumentTitle(account ? `${account.number} ${account.name} · Counterfoil` : 'Counterfoil');
  const again = () => read({ requestPolicy: 'network-only' });
  if (error && !account)
    return <ErrorPanel title="Couldn’t load this account." failure={toFailure(error)} onRetry={again} />;
  if (!account)
    return fetching ? (
      <Panel title="Reading…" />
    ) : (
      <Panel title="There is no ledger account at this address.">
        <Link href="/ledger">Go to the chart of accounts</Link>
      </Panel>
    );
  const done = () => setEditing(false);
  return (
    <div className={styles.page}>
      <Heading account={account}>
        <Button
          size="xs"
          variant="default"
          leftSection={<Pencil size={13} />}
          onClick={() => setEditing(true)}
        >
          Edit
        </Button>
      </Heading>
      <RegisterLines key={id} account={account} />
      {editing && <AccountDialog account={account} onClose={done} onDone={done} />}
    </div>
  );
}
