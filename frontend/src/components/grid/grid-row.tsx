import { FlexRender, type Cell, type Column, type Row as TableRow } from '@tanstack/react-table';
import { memo, type MouseEvent } from 'react';
import { HEADER_HEIGHT, type gridFeatures } from './columns';
import styles from './grid.module.css';

type Features = typeof gridFeatures;

function GridCell<Row extends object>({ cell, index }: { cell: Cell<Features, Row>; index: number }) {
  const { align, rowHeader, controls, sticky, left } = cell.column.columnDef.meta ?? {};
  const stop = controls ? {} : { 'data-stop': true, 'data-column': cell.column.id, tabIndex: -1 };
  return (
    <div
      role={rowHeader ? 'rowheader' : 'gridcell'}
      aria-colindex={index + 1}
      className={styles.cell}
      data-align={align}
      data-sticky={sticky}
      data-cell={cell.column.id}
      style={{ left }}
      {...stop}
    >
      <FlexRender cell={cell} />
    </div>
  );
}

interface GridRowProps<Row extends object> {
  /** Changes when other columns are shown. */
  columns: string;
  row: TableRow<Features, Row>;
  /** From 0. */
  index: number;
  /** Pixels from the top of the scroller's content, which begins with the heading. */
  start: number;
  className: string | undefined;
  /** Undefined where rows are not chosen. */
  selected: boolean | undefined;
  onOpen: ((row: Row, columnId: string | null) => void) | undefined;
}

/** A click that chose text, or that a control of the row took, opens nothing. */
function opensRow(event: MouseEvent): boolean {
  const onControl = (event.target as Element).closest(
    'a, button, input, label, [role="dialog"], [role="tooltip"]',
  );
  const inRow = event.currentTarget.contains(event.target as Node);
  return inRow && !onControl && window.getSelection()?.isCollapsed !== false;
}

function DrawnRow<Row extends object>({ row, index, start, className, selected, onOpen }: GridRowProps<Row>) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-row={index + 1}
      data-id={row.id}
      data-opens={onOpen ? true : undefined}
      className={[styles.row, className].filter(Boolean).join(' ')}
      style={{ top: start - HEADER_HEIGHT }}
      onClick={(event) => {
        if (onOpen && opensRow(event)) onOpen(row.original, null);
      }}
    >
      {row.getVisibleCells().map((cell, column) => (
        <GridCell key={cell.id} cell={cell} index={column} />
      ))}
    </div>
  );
}

/** Scrolling moves rows in and out of sight; those that stay are not drawn again. */
export const GridRow = memo(DrawnRow) as typeof DrawnRow;

export function SkeletonRow<Row extends object>({ columns }: { columns: Column<Features, Row>[] }) {
  return (
    <div role="row" aria-hidden className={`${styles.row} ${styles.skeletonRow}`}>
      {columns.map((column) => (
        <div
          key={column.id}
          role="gridcell"
          className={styles.cell}
          data-align={column.columnDef.meta?.align}
        >
          <span className={styles.skeleton} />
        </div>
      ))}
    </div>
  );
}
