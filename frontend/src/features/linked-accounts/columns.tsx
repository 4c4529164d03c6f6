import { createColumnHelper } from '@tanstack/react-table';
import { Link } from 'wouter';
import { gridFeatures } from '@/components/grid/columns';
import { Moment } from '@/components/moment';
import { typeWords, type BankAccountRow } from './account-words';
import { BalanceWords } from './balance-words';
import styles from './cells.module.css';
import { LedgerWords } from './ledger-words';
import { RowActions } from './row-actions';
import { SelectAllBox, SelectBox } from './select-box';
import { StatusCell } from './status-cell';

const helper = createColumnHelper<typeof gridFeatures, BankAccountRow>();
const dim = <span className={styles.none}>—</span>;

const SELECT_WIDTH = 34;

/** The twelve columns in their order, before them the boxes that choose rows, and the actions at the right. */
export const columns = helper.columns([
  helper.display({
    id: 'select',
    header: () => <SelectAllBox />,
    size: SELECT_WIDTH,
    enableSorting: false,
    enableHiding: false,
    meta: { controls: true, headerControl: true, sticky: 'start' },
    cell: ({ row }) => <SelectBox account={row.original} />,
  }),
  helper.accessor((account) => account.aggregatorId, {
    id: 'id',
    header: 'ID',
    size: 190,
    cell: ({ row }) => <code className={styles.code}>{row.original.aggregatorId ?? dim}</code>,
  }),
  helper.accessor((account) => account.name, {
    id: 'name',
    header: 'Name',
    size: 150,
    enableHiding: false,
    meta: { rowHeader: true, controls: true, sticky: 'start', left: SELECT_WIDTH, grow: 3 },
    cell: ({ row: { original } }) => (
      <Link href={`/banks/${original.id}`} className={styles.name} data-stop tabIndex={-1}>
        <span>{original.name}</span>
        {original.memo && <span className={styles.memo}>{original.memo}</span>}
      </Link>
    ),
  }),
  helper.accessor((account) => account.number, {
    id: 'number',
    header: 'Number',
    size: 66,
    cell: ({ row }) => (row.original.number ? `••${row.original.number}` : dim),
  }),
  helper.accessor((account) => account.bankLink?.aggregatorId, {
    id: 'account_id',
    header: 'Account ID',
    size: 190,
    cell: ({ row }) => <code className={styles.code}>{row.original.bankLink?.aggregatorId ?? dim}</code>,
  }),
  helper.accessor((account) => account.type, {
    id: 'type',
    header: 'Type',
    size: 90,
    cell: ({ row }) => typeWords(row.original.type),
  }),
  helper.accessor((account) => account.institution?.name, {
    id: 'provider',
    header: 'Provider',
    size: 106,
    meta: { grow: 2 },
    cell: ({ row }) => <span className={styles.clip}>{row.original.institution?.name ?? dim}</span>,
  }),
  helper.accessor((account) => account.institution?.aggregatorId, {
    id: 'provider_id',
    header: 'Provider ID',
    size: 120,
    cell: ({ row }) => <code className={styles.code}>{row.original.institution?.aggregatorId ?? dim}</code>,
  }),
  helper.accessor((account) => account.status.label, {
    id: 'status',
    header: 'Status',
    size: 172,
    meta: { controls: true, grow: 2 },
    cell: ({ row }) => <StatusCell account={row.original} />,
  }),
  helper.accessor((account) => account.nextUpdateAt, {
    id: 'next_update',
    header: 'Next Update',
    size: 118,
    cell: ({ row }) => <Moment at={row.original.nextUpdateAt} as="due" />,
  }),
  helper.accessor((account) => account.lastUpdateAt, {
    id: 'last_update',
    header: 'Last Update',
    size: 98,
    cell: ({ row }) => <Moment at={row.original.lastUpdateAt} />,
  }),
  helper.accessor((account) => account.currentBalance?.amount.amount, {
    id: 'balance',
    header: 'Current Balance',
    size: 152,
    meta: { align: 'end' },
    cell: ({ row }) => <BalanceWords balance={row.original.currentBalance} />,
  }),
  helper.accessor((account) => account.ledgerAccount?.number, {
    id: 'ledger',
    header: 'Ledger Account',
    size: 118,
    meta: { grow: 2 },
    cell: ({ row }) => <LedgerWords account={row.original} />,
  }),
  helper.display({
    id: 'actions',
    header: 'Actions',
    size: 208,
    enableSorting: false,
    enableHiding: false,
    meta: { controls: true, sticky: 'end', quietHeader: true },
    cell: ({ row }) => <RowActions account={row.original} />,
  }),
]);
