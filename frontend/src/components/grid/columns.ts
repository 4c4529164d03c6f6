import {
  columnSizingFeature,
  columnVisibilityFeature,
  metaHelper,
  rowSortingFeature,
  tableFeatures,
  type ColumnDef,
  type RowData,
} from '@tanstack/react-table';

/** Pixels; the style sheet says the same. */
export const ROW_HEIGHT = 40;
export const HEADER_HEIGHT = 34;

/** How a column is laid out and how the keyboard meets it. */
export interface GridColumnMeta {
  align?: 'end';
  /** The cell that names its row for a screen reader. */
  rowHeader?: boolean;
  /** The cell holds controls marked `data-stop`; otherwise the cell itself is the stop. */
  controls?: boolean;
  /** Stays in sight while the rest scrolls sideways. */
  sticky?: 'start' | 'end';
  /** Pixels from the left at which it stays, where another sticky column stands before it. */
  left?: number;
  /** Share of the room that is left over. */
  grow?: number;
  /** The heading is for screen readers only. */
  quietHeader?: boolean;
  /** The heading is a control marked `data-stop`. */
  headerControl?: boolean;
}

export const gridFeatures = tableFeatures({
  columnSizingFeature,
  columnVisibilityFeature,
  rowSortingFeature,
  columnMeta: metaHelper<GridColumnMeta>(),
});

export type GridColumn<Row extends RowData> = ColumnDef<typeof gridFeatures, Row>;
