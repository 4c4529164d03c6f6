import { useTable, type ColumnVisibilityState, type SortingState } from '@tanstack/react-table';
import { useCallbackRef } from '@mantine/hooks';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import {
  useEffect,
  useEffectEvent,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
} from 'react';
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
  /** Where rows are chosen: whether this one is. */
  isSelected?: (row: Row) => boolean;
  /** Shown in place of rows: nothing found, an error. */
  children?: ReactNode;
  /** Moves the focus to this row as soon as it is there. */
  focusRowId?: string | null;
}

const ALL_VISIBLE: ColumnVisibilityState = {};

const widthOf = (size: number, grow: number | undefined) =>
  grow ? `minmax(${size}px, ${grow}fr)` : `${size}px`;

/** A grid of many rows, drawn as far as they are in sight, that works by the keyboard alone. */
export function Grid<Row extends { id: string }>(props: GridProps<Row>) {
  const { loading, totalCount } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const table = useGridTable(props);
  const { rows } = table.getRowModel();
  const leaves = table.getVisibleLeafColumns();
  const template = leaves.map((column) => widthOf(column.getSize(), column.columnDef.meta?.grow)).join(' ');
  const minWidth = leaves.reduce((sum, column) => sum + column.getSize(), 0);
  const firstColumn = Math.max(1, leaves.findIndex(({ columnDef }) => columnDef.meta?.rowHeader) + 1);
  const { virtualizer, roving } = useScrolling(scroller, rows.length, firstColumn);
  const items = virtualizer.getVirtualItems();
  const columns = leaves.map(({ id }) => id).join();
  const onOpen = useCallbackRef(props.onOpenRow);
  useNearEnd(items.at(-1)?.index ?? 0, rows.length, props.onNearEnd);
  useWantedFocus(props, firstColumn, roving.moveTo);
  const onKeyDown = useGridKeys(props, rows[roving.activeRow - 1]?.original, roving.onKeyDown);

  return (
    <div ref={scroller} className={styles.scroller}>
      <div
        role="grid"
        aria-label={props.label}
        aria-busy={loading}
        aria-rowcount={totalCount === null ? -1 : totalCount + 1}
        aria-colcount={leaves.length}
        aria-multiselectable={props.isSelected && true}
        className={styles.grid}
        style={{ ['--template' as string]: template, minWidth }}
        onKeyDown={onKeyDown}
        onFocus={roving.onFocus}
        onBlur={roving.onBlur}
      >
        <div role="rowgroup" className={styles.head}>
          <GridHeader headers={table.getHeaderGroups()[0]?.headers ?? []} />
          <div className={styles.bar} data-active={props.fetching && !loading} aria-hidden />
        </div>
        <div
          role="rowgroup"
          className={styles.body}
          style={loading ? {} : { height: virtualizer.getTotalSize() }}
        >
          {loading &&
            Array.from({ length: SKELETON_ROWS }, (_, index) => <SkeletonRow key={index} columns={leaves} />)}
          {!loading &&
            items.map(({ index, start }) => {
              const row = rows[index];
              if (!row) return null;
              const className = props.rowClassName?.(row.original);
              const selected = props.isSelected?.(row.original);
              return (
                <GridRow
                  key={row.id}
                  {...{ row, index, start, className, selected, columns }}
                  onOpen={props.onOpenRow && onOpen}
                />
              );
            })}
        </div>
      </div>
      {props.children}
    </div>
  );
}

function useGridTable<Row extends { id: string }>({
  columns,
  rows,
  visibility,
  sorting,
  onSort,
}: GridProps<Row>) {
  return useTable({
    features: gridFeatures,
    columns,
    data: rows,
    getRowId: ({ id }) => id,
    manualSorting: true,
    enableSortingRemoval: false,
    state: { columnVisibility: visibility ?? ALL_VISIBLE, sorting },
    onSortingChange: (next) => onSort(typeof next === 'function' ? next(sorting) : next),
  });
}

/** Enter opens, Esc leaves, the caller's own keys act on the focused row; the rest moves the focus. */
function useGridKeys<Row extends { id: string }>(
  { onOpenRow, onRowKey, onLeave }: GridProps<Row>,
  row: Row | undefined,
  move: (event: KeyboardEvent) => void,
) {
  return (event: KeyboardEvent) => {
    const stop =
      event.target instanceof HTMLElement && event.target.matches('[data-stop]') ? event.target : null;
    if (!stop) return;
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const { column } = stop.dataset;
    if (event.key === 'Escape') onLeave?.();
    else if (row && !modified && event.key === 'Enter' && column !== undefined) onOpenRow?.(row, column);
    else if (row && !modified && onRowKey?.(row, event)) event.preventDefault();
    else move(event);
  };
}

function useWantedFocus<Row extends { id: string }>(
  { rows, focusRowId }: GridProps<Row>,
  column: number,
  moveTo: (spot: { row: number; column: number; nth: number }) => void,
) {
  const index = focusRowId == null ? -1 : rows.findIndex(({ id }) => id === focusRowId);
  const move = useEffectEvent((row: number) => moveTo({ row, column, nth: 0 }));
  useEffect(() => {
    if (index >= 0) move(index + 1);
  }, [focusRowId, index]);
}

/** Draws the rows in sight, and the one that has the focus, so that it is never lost to scrolling. */
function useScrolling(scroller: RefObject<HTMLDivElement | null>, rowCount: number, firstColumn: number) {
  const [activeRow, setActiveRow] = useState(0);
  const kept = activeRow - 1;
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
      return kept < 0 || kept >= rowCount || shown.includes(kept)
        ? shown
        : [...shown, kept].sort((a, b) => a - b);
    },
  });
  const roving = useRovingFocus({
    grid: scroller,
    rowCount,
    firstColumn,
    activeRow,
    setActiveRow,
    pageSize: () =>
      Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - HEADER_HEIGHT) / ROW_HEIGHT) - 1),
    scrollTo: (index) => virtualizer.scrollToIndex(index),
  });
  return { virtualizer, roving };
}

function useNearEnd(lastDrawn: number, rowCount: number, onNearEnd: () => void) {
  useEffect(() => {
    if (rowCount > 0 && lastDrawn >= rowCount - LOOKAHEAD) onNearEnd();
  }, [lastDrawn, rowCount, onNearEnd]);
}
