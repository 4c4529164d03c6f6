import { ActionIcon } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { Pencil } from 'lucide-react';
import { Link } from 'wouter';
import { gridFeatures, type GridColumn } from '@/components/grid/columns';
import { stopIn } from '@/components/grid/stop';
import { AccountBalance } from './account-balance';
import { ACCOUNT_TYPES, type ChartAccount } from './chart-words';
import styles from './ledger.module.css';

const helper = createColumnHelper<typeof gridFeatures, ChartAccount>();

const columns = helper.columns([
  helper.accessor('number', {
    id: 'number',
    header: 'Number',
    size: 96,
    meta: { sticky: 'start' },
    cell: ({ row: { original } }) => original.number,
  }),
  helper.accessor('name', {
    id: 'name',
    header: 'Name',
    size: 260,
    meta: { grow: 3, rowHeader: true, controls: true },
    cell: ({ row: { original } }) => (
      <>
        <Link href={`/ledger/${original.id}`} className={`${styles.number} ${styles.clip}`} {...stopIn(true)}>
          {original.name}
        </Link>
        {original.control && <span className={styles.mark}>Control</span>}
      </>
    ),
  }),
  helper.accessor('type', {
    id: 'type',
    header: 'Type',
    size: 110,
    cell: ({ row: { original } }) => ACCOUNT_TYPES[original.type],
  }),
  helper.accessor('currency', {
    id: 'currency',
    header: 'Currency',
    size: 104,
    cell: ({ row: { original } }) => original.currency ?? <span className={styles.muted}>any</span>,
  }),
  helper.accessor('bankAccount', {
    id: 'bank_account',
    header: 'Bank account',
    size: 190,
    enableSorting: false,
    meta: { grow: 1 },
    cell: ({ row: { original } }) => <span className={styles.clip}>{original.bankAccount?.name}</span>,
  }),
  helper.accessor('active', {
    id: 'active',
    header: 'State',
    size: 90,
    enableSorting: false,
    cell: ({ row: { original } }) =>
      original.active ? 'Active' : <span className={styles.mark}>Inactive</span>,
  }),
  helper.accessor('balance', {
    id: 'balance',
    header: 'Balance today',
    size: 170,
    enableSorting: false,
    meta: { align: 'end' },
    cell: ({ row: { original } }) => <AccountBalance account={original} />,
  }),
]);

/** The columns of the chart; the last one edits an account. */
export const chartColumns = (onEdit: (account: ChartAccount) => void): GridColumn<ChartAccount>[] => [
  ...columns,
  helper.display({
    id: 'actions',
    header: 'Actions',
    size: 52,
    meta: { sticky: 'end', controls: true, quietHeader: true },
    cell: ({ row: { original } }) => (
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={`Edit ${original.number} ${original.name}`}
        title="Edit (e)"
        onClick={() => onEdit(original)}
        {...stopIn(true)}
      >
        <Pencil size={14} />
      </ActionIcon>
    ),
  }),
];
