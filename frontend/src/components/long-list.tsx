import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { CardList } from './card-list';
import { Grid, type GridProps } from './grid/grid';

const NARROW = '(max-width: 48em)';

export interface LongListProps<Row extends { id: string }> extends Omit<
  GridProps<Row>,
  'rows' | 'totalCount' | 'loading' | 'fetching' | 'onNearEnd'
> {
  /** What has been read so far, page by page. */
  pages: {
    rows: Row[];
    totalCount: number | null;
    loading: boolean;
    fetching: boolean;
    loadMore: () => void;
  };
  card: (row: Row) => ReactNode;
  /** Pixels that a card is likely to take. */
  cardHeight: number;
}

/** A long list: a grid where there is room for its columns, cards where there is not. */
export function LongList<Row extends { id: string }>({
  pages,
  card,
  cardHeight,
  ...grid
}: LongListProps<Row>) {
  const narrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false });
  const { rows, totalCount, loading, fetching, loadMore } = pages;
  return narrow ? (
    <CardList
      label={grid.label}
      rows={rows}
      loading={loading}
      onNearEnd={loadMore}
      estimate={cardHeight}
      card={card}
    >
      {grid.children}
    </CardList>
  ) : (
    <Grid {...grid} {...{ rows, totalCount, loading, fetching }} onNearEnd={loadMore} />
  );
}
