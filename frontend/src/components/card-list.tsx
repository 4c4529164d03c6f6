import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type ReactNode } from 'react';
import styles from './card-list.module.css';

const LOOKAHEAD = 15;
const SKELETONS = 4;

interface CardListProps<Row extends { id: string }> {
  label: string;
  rows: Row[];
  loading: boolean;
  onNearEnd: () => void;
  /** Pixels that a card is likely to take, before it is measured. */
  estimate: number;
  card: (row: Row) => ReactNode;
  /** Shown after the cards: nothing found, an error. */
  children?: ReactNode;
}

/** A long list of cards on a narrow screen, drawn as far as they are in sight; the page itself scrolls. */
export function CardList<Row extends { id: string }>({
  label,
  rows,
  loading,
  onNearEnd,
  estimate,
  card,
  children,
}: CardListProps<Row>) {
  const list = useRef<HTMLUListElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoised by a compiler
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => list.current?.closest('main') ?? null,
    estimateSize: () => estimate,
    getItemKey: (index) => rows[index]?.id ?? index,
    gap: 10,
    overscan: 6,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - LOOKAHEAD) onNearEnd();
  }, [last, rows.length, onNearEnd]);
  return (
    <>
      <ul
        ref={list}
        aria-label={label}
        aria-busy={loading}
        className={styles.list}
        style={loading ? {} : { height: virtualizer.getTotalSize() }}
      >
        {loading &&
          Array.from({ length: SKELETONS }, (_, index) => (
            <li key={index} aria-hidden className={styles.skeleton} style={{ height: estimate }} />
          ))}
        {items.map(({ index, start, key }) => {
          const row = rows[index];
          return (
            row && (
              <li
                key={key}
                data-index={index}
                ref={virtualizer.measureElement}
                className={styles.item}
                style={{ top: start }}
              >
                {card(row)}
              </li>
            )
          );
        })}
      </ul>
      {children}
    </>
  );
}
