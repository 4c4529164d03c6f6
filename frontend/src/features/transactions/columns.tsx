import { createColumnHelper } from '@tanstack/react-table';
import { gridFeatures } from '@/components/grid/columns';
import type { BankTransactionsQuery } from '@/graphql/generated/operations';
import { formatDate } from '@/lib/dates';
import { AmountWords, PendingMark } from './marks';
import styles from './transactions.module.css';

export type BankTransactionRow = NonNullable<
  BankTransactionsQuery['bankAccount']
>['transactions']['nodes'][number];

const helper = createColumnHelper<typeof gridFeatures, BankTransactionRow>();

/** Aggregators name categories in capitals: "RENT_AND_UTILITIES" → "Rent and utilities". */
function categoryWords(category: string | null): string {
  const words = (category ?? '').toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const columns = helper.columns([
  helper.accessor('datedOn', {
    id: 'date',
    header: 'Date',
    size: 112,
    cell: ({ row }) => <time dateTime={row.original.datedOn}>{formatDate(row.original.datedOn)}</time>,
  }),
  helper.accessor('description', {
    id: 'description',
    header: 'Description',
    size: 300,
    meta: { rowHeader: true, grow: 4 },
    cell: ({ row: { original } }) => (
      <span className={styles.description} title={original.bankDescription ?? undefined}>
        {original.description}
        {original.pending && <PendingMark />}
        {original.bankDescription !== original.description && (
          <span className={styles.bankText}>{original.bankDescription}</span>
        )}
      </span>
    ),
  }),
  helper.accessor('counterparty', {
    id: 'counterparty',
    header: 'Counterparty',
    size: 170,
    enableSorting: false,
    meta: { grow: 2 },
    cell: ({ row }) => <span className={styles.clip}>{row.original.counterparty}</span>,
  }),
  helper.accessor('category', {
    id: 'category',
    header: 'Category',
    size: 150,
    enableSorting: false,
    meta: { grow: 1 },
    cell: ({ row }) => <span className={styles.clip}>{categoryWords(row.original.category)}</span>,
  }),
  helper.accessor('checkNumber', {
    id: 'check_number',
    header: 'Cheque',
    size: 80,
    enableSorting: false,
    cell: ({ row }) => row.original.checkNumber,
  }),
  helper.accessor('amount.amount', {
    id: 'amount',
    header: 'Amount',
    size: 160,
    meta: { align: 'end' },
    cell: ({ row }) => <AmountWords amount={row.original.amount} />,
  }),
]);
