import { createColumnHelper } from '@tanstack/react-table';
import { Link } from 'wouter';
import { gridFeatures } from '@/components/grid/columns';
import { stopIn } from '@/components/grid/stop';
import { formatDate } from '@/lib/dates';
import { creditWords, debitWords } from './amounts';
import { BalanceWords } from './balance-words';
import { ClearedMark } from './cleared-mark';
import styles from './ledger.module.css';
import { memoOf, type RegisterRow } from './register-row';

const helper = createColumnHelper<typeof gridFeatures, RegisterRow>();

export const columns = helper.columns([
  helper.accessor('line.postedOn', {
    id: 'date',
    header: 'Date',
    size: 116,
    enableSorting: false,
    cell: ({ row: { original } }) =>
      original.line.postedOn && (
        <time dateTime={original.line.postedOn}>{formatDate(original.line.postedOn)}</time>
      ),
  }),
  helper.accessor('line.journalEntry.number', {
    id: 'number',
    header: 'Number',
    size: 110,
    enableSorting: false,
    meta: { rowHeader: true, controls: true },
    cell: ({ row: { original } }) => (
      <Link
        href={`/ledger/entries/${original.line.journalEntry.id}`}
        className={styles.number}
        {...stopIn(true)}
      >
        {original.line.journalEntry.number}
      </Link>
    ),
  }),
  helper.accessor('line.journalEntry.reference', {
    id: 'reference',
    header: 'Reference',
    size: 110,
    enableSorting: false,
    cell: ({ row: { original } }) => (
      <span className={styles.clip}>{original.line.journalEntry.reference}</span>
    ),
  }),
  helper.accessor('line.memo', {
    id: 'memo',
    header: 'Memo',
    size: 240,
    enableSorting: false,
    meta: { grow: 3 },
    cell: ({ row: { original } }) => <span className={styles.clip}>{memoOf(original)}</span>,
  }),
  helper.accessor('amount', {
    id: 'debit',
    header: 'Debit',
    size: 130,
    enableSorting: false,
    meta: { align: 'end' },
    cell: ({ row: { original } }) => debitWords(original.amount.amount),
  }),
  helper.accessor('amount', {
    id: 'credit',
    header: 'Credit',
    size: 130,
    enableSorting: false,
    meta: { align: 'end' },
    cell: ({ row: { original } }) => creditWords(original.amount.amount),
  }),
  helper.accessor('runningBalance', {
    id: 'balance',
    header: 'Balance',
    size: 150,
    enableSorting: false,
    meta: { align: 'end' },
    cell: ({ row: { original } }) => <BalanceWords money={original.runningBalance} />,
  }),
  helper.accessor('line.cleared', {
    id: 'cleared',
    header: 'Cleared',
    size: 100,
    enableSorting: false,
    cell: ({ row: { original } }) => <ClearedMark line={original.line} />,
  }),
]);
