import { useTable, type ColumnVisibilityState, type SortingState } from '@tanstack/react-table';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { gridFeatures, HEADER_HEIGHT, ROW_HEIGHT, type GridColumn } from './columns';
import styles from './grid.module.css';
import { GridHeader } from './grid-header';
import { GridRow, SkeletonRow } from './grid-row';
import { useRovingFocus } from './use-roving-focus';

const SKELETON_ROWS = 8;
/** Rows from the end at which the next page is asked for. */
const LOOKAHEAD = 25;

export interface GridProps<Row extends { id: string }> {
  /** What the rows are, for a screen reader. */
  label: string;
  columns: GridColumn<Row>[];
  visibility?: ColumnVisibilityState;
  sorting: SortingState;
  onSort: (sorting: SortingState) => void;
  rows: Row[];
  /** All rows that there are, or null when that is not known. */
  totalCount: number | null;
  loading: boolean;
  fetching: boolean;
  onNearEnd: () => void;
  /** Enter on a cell without controls, or a click on a row outside its controls. */
  onOpenRow?: (row: Row, columnId: string | null) => void;
  /** A key on a focused row; true when it was used. */
  onRowKey?: (row: Row, event: KeyboardEvent) => boolean;
  /** Esc in the grid. */
  onLeave?: () => void;
  rowClassName?: (row: Row) => string | undefined;
  /** Shown in place of rows: nothing found, an error. */
  children?: ReactNode;
  ref?: Ref<HTMLDivElement>;
}

const widthOf = (size: number, grow: number | undefined) => (grow ? `minmax(${size}px, ${grow}fr)` : `${size}px`);

/** A grid of many rows, drawn as far as they are in sight, that works by the keyboard alone. */
export function Grid<Row extends { id: string }>(props: GridProps<Row>) {
  const { columns, rows: given, visibility = {}, sorting, onSort, loading, totalCount } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const table = useTable({
    features: gridFeatures,
    columns,
    data: given,
    getRowId: ({ id }) => id,
    manualSorting: true,
    enableSortingRemoval: false,
    state: { columnVisibility: visibility, sorting },
    onSortingChange: (next) => onSort(typeof next === 'function' ? next(sorting) : next),
  });
  const { rows } = table.getRowModel();
  const leaves = table.getVisibleLeafColumns();
  const template = leaves.map((column) => widthOf(column.getSize(), column.columnDef.meta?.grow)).join(' ');
  const minWidth = leaves.reduce((sum, column) => sum + column.getSize(), 0);
  const { virtualizer, roving } = useScrolling(scroller, rows.length);
  const items = virtualizer.getVirtualItems();
  useNearEnd(items.at(-1)?.index ?? 0, rows.length, props.onNearEnd);

  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[roving.activeRow - 1];
    const onStop = event.target instanceof HTMLElement && event.target.matches('[data-stop]');
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (onStop && plain && row && roving.activeRow > 0) {
      const columnId = (event.target as HTMLElement).dataset['column'];
      if (event.key === 'Enter' && columnId !== undefined) props.onOpenRow?.(row.original, columnId);
      else if (props.onRowKey?.(row.original, event)) event.preventDefault();
    }
    if (onStop && event.key === 'Escape') props.onLeave?.();
    if (!event.defaultPrevented) roving.onKeyDown(event);
  };

  return (
    <div ref={scroller} className={styles.scroller} data-testid="grid-scroller">
      <div
        ref={props.ref}
        role="grid"
        aria-label={props.label}
        aria-busy={loading}
        aria-rowcount={totalCount === null ? -1 : totalCount + 1}
        aria-colcount={leaves.length}
        className={styles.grid}
        style={{ ['--template' as string]: template, minWidth }}
        onKeyDown={onKeyDown}
        onFocus={roving.onFocus}
      >
        <div role="rowgroup" className={styles.head}>
          <GridHeader headers={table.getHeaderGroups()[0]?.headers ?? []} />
          <div className={styles.bar} data-active={props.fetching && !loading} aria-hidden />
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: loading ? undefined : virtualizer.getTotalSize() }}>
          {loading
            ? Array.from({ length: SKELETON_ROWS }, (_, index) => <SkeletonRow key={index} columns={leaves} />)
            : items.map(({ index, start, key }) => {
                const row = rows[index];
                return (
                  row && (
                    <GridRow
                      key={key}
                      row={row}
                      index={index}
                      start={start}
                      className={props.rowClassName?.(row.original)}
                      onOpen={props.onOpenRow}
                    />
                  )
                );
              })}
        </div>
      </div>
      {props.children}
    </div>
  );
}

function useScrolling(scroller: React.RefObject<HTMLDivElement | null>, rowCount: number) {
  const active = useRef(0);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoised by a compiler
  const virtualizer = useVirtualizer({
    count: rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    scrollMargin: HEADER_HEIGHT,
    scrollPaddingStart: HEADER_HEIGHT,
    overscan: 8,
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      const kept = active.current - 1;
      return kept < 0 || kept >= rowCount || shown.includes(kept) ? shown : [...shown, kept].sort((a, b) => a - b);
    },
  });
  const roving = useRovingFocus({
    grid: scroller,
    rowCount,
    pageSize: () => Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - HEADER_HEIGHT) / ROW_HEIGHT) - 1),
    scrollTo: (index) => {
      active.current = index + 1;
      virtualizer.scrollToIndex(index);
    },
  });
  useEffect(() => {
    active.current = roving.activeRow;
  });
  return { virtualizer, roving };
}

function useNearEnd(lastDrawn: number, rowCount: number, onNearEnd: () => void) {
  useEffect(() => {
    if (rowCount > 0 && lastDrawn >= rowCount - LOOKAHEAD) onNearEnd();
  }, [lastDrawn, rowCount, onNearEnd]);
}
