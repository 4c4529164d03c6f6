import { createColumnHelper } from '@tanstack/react-table';
import { Link } from 'wouter';
import { gridFeatures } from '@/components/grid/columns';
import { stopIn } from '@/components/grid/stop';
import { formatDate } from '@/lib/dates';
import { formatDecimal } from '@/lib/money';
import { EntryMarks } from './entry-marks';
import { entryName, SOURCES, type EntryRow } from './entry-words';
import styles from './ledger.module.css';

const helper = createColumnHelper<typeof gridFeatures, EntryRow>();

export const columns = helper.columns([
  helper.accessor('postedOn', {
    id: 'date',
    header: 'Date',
    size: 116,
    cell: ({ row: { original } }) => (
      <time dateTime={original.postedOn}>{formatDate(original.postedOn)}</time>
    ),
  }),
  helper.accessor('number', {
    id: 'number',
    header: 'Number',
    size: 120,
    meta: { rowHeader: true, controls: true },
    cell: ({ row: { original } }) => (
      <Link href={`/ledger/entries/${original.id}`} className={styles.number} {...stopIn(true)}>
        {entryName(original)}
      </Link>
    ),
  }),
  helper.accessor('reference', {
    id: 'reference',
    header: 'Reference',
    size: 130,
    cell: ({ row: { original } }) => <span className={styles.clip}>{original.reference}</span>,
  }),
  helper.accessor('contact', {
    id: 'contact',
    header: 'Contact',
    size: 150,
    meta: { grow: 1 },
    cell: ({ row: { original } }) => <span className={styles.clip}>{original.contact}</span>,
  }),
  helper.accessor('memo', {
    id: 'memo',
    header: 'Memo',
    size: 240,
    meta: { grow: 3 },
    cell: ({ row: { original } }) => <span className={styles.clip}>{original.memo}</span>,
  }),
  helper.accessor('source', {
    id: 'source',
    header: 'From',
    size: 100,
    enableSorting: false,
    cell: ({ row: { original } }) => SOURCES[original.source],
  }),
  helper.accessor('entryState', {
    id: 'state',
    header: 'State',
    size: 160,
    enableSorting: false,
    cell: ({ row: { original } }) => (
      <span style={{ display: 'inline-flex', gap: 4 }}>
        <EntryMarks entry={original} />
      </span>
    ),
  }),
  helper.accessor('total', {
    id: 'total',
    header: 'Total',
    size: 150,
    meta: { align: 'end' },
    cell: ({ row: { original } }) => (
      <span>
        {formatDecimal(original.total.amount)}
        <span className={styles.side}> {original.total.currency}</span>
      </span>
    ),
  }),
]);
