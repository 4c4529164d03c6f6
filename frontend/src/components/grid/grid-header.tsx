import { FlexRender, type Header } from '@tanstack/react-table';
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { gridFeatures } from './columns';
import styles from './grid.module.css';

type GridHeaderCell<Row extends object> = Header<typeof gridFeatures, Row>;

const DIRECTIONS = { asc: 'ascending', desc: 'descending' } as const;

function HeaderCell<Row extends object>({ header, index }: { header: GridHeaderCell<Row>; index: number }) {
  const { column } = header;
  const { align, sticky, left, quietHeader, headerControl } = column.columnDef.meta ?? {};
  const sorted = column.getIsSorted();
  const sortable = column.getCanSort();
  const label = <FlexRender header={header} />;
  return (
    <div
      role="columnheader"
      aria-colindex={index + 1}
      aria-sort={sorted ? DIRECTIONS[sorted] : sortable ? 'none' : undefined}
      className={styles.headerCell}
      data-align={align}
      data-sticky={sticky}
      style={{ left }}
      {...(sortable || headerControl ? {} : { 'data-stop': true, tabIndex: -1 })}
    >
      {sortable ? (
        <button
          type="button"
          data-stop
          tabIndex={-1}
          className={styles.sort}
          onClick={() => column.toggleSorting()}
        >
          <span>{label}</span>
          <span className={styles.direction} aria-hidden>
            {sorted === 'asc' && <ArrowUp size={13} />}
            {sorted === 'desc' && <ArrowDown size={13} />}
          </span>
        </button>
      ) : (
        <span className={quietHeader ? styles.quiet : undefined}>{label}</span>
      )}
    </div>
  );
}

export function GridHeader<Row extends object>({ headers }: { headers: GridHeaderCell<Row>[] }) {
  return (
    <div role="row" aria-rowindex={1} data-row={0} className={styles.headerRow}>
      {headers.map((header, index) => (
        <HeaderCell key={header.id} header={header} index={index} />
      ))}
    </div>
  );
}
