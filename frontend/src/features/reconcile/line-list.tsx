import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { Check, Flag, MessageSquare } from 'lucide-react';
import { memo, useEffect, useRef, type ReactNode, type Ref } from 'react';
import { formatDate } from '@/lib/dates';
import { Amount } from './amount';
import styles from './line-list.module.css';
import { isPartly, proposalWords, reasonWords, shortDate } from './line-words';
import type { Line } from './outcome';

const ROW_HEIGHT = 62;
const LOOKAHEAD = 15;
const SKELETONS = 7;

const optionId = (id: string) => `line-${id}`;

function Marks({ line }: { line: Line }) {
  return (
    <>
      {line.state === 'PENDING' && <span className={styles.tag}>Pending</span>}
      {line.state === 'RECONCILED' && <span className={styles.tag}>Reconciled</span>}
      {line.state === 'EXCLUDED' && <span className={styles.tag}>Excluded</span>}
      {isPartly(line) && <span className={styles.tag}>Partly</span>}
      {line.comment && <MessageSquare size={12} role="img" aria-label="Has a comment" />}
      {line.toCheck && <Flag size={12} role="img" aria-label="To check" />}
    </>
  );
}

/** The second line of a row: the best suggestion with its reasons, or why there is none. */
function Hint({ line }: { line: Line }) {
  const [best] = line.suggestions;
  if (line.state === 'RECONCILED' || line.state === 'EXCLUDED')
    return <span className={styles.hint}>{line.exclusion?.reason ?? line.bankDescription}</span>;
  if (!best) return <span className={styles.hint}>{line.blockedReason ?? 'No suggestion'}</span>;
  return (
    <span className={styles.hint} data-sure={best.preselect}>
      {best.preselect && <Check size={12} aria-hidden />}
      <span className={styles.proposal}>{proposalWords(best)}</span>
      <span className={styles.reasons}>{reasonWords(best)}</span>
      <span className={styles.score}>{best.score} %</span>
    </span>
  );
}

interface RowProps {
  line: Line;
  index: number;
  total: number;
  start: number;
  inHand: boolean;
  marked: boolean;
  onTake: (id: string) => void;
  onMark: (id: string, range: boolean) => void;
}

/** The box is for the pointer; the keyboard marks with x, and the row says whether it is marked. */
function DrawnRow({ line, index, total, start, inHand, marked, onTake, onMark }: RowProps) {
  return (
    <div
      id={optionId(line.id)}
      role="option"
      aria-selected={marked}
      aria-current={inHand}
      aria-setsize={total}
      aria-posinset={index + 1}
      className={styles.row}
      data-blocked={!line.bookable && line.state !== 'RECONCILED'}
      style={{ top: start }}
      onClick={({ shiftKey }) => (shiftKey ? onMark(line.id, true) : onTake(line.id))}
    >
      <span
        className={styles.box}
        aria-hidden
        data-box
        onClick={(event) => {
          event.stopPropagation();
          onMark(line.id, event.shiftKey);
        }}
      >
        {marked && <Check size={12} />}
      </span>
      <time className={styles.date} dateTime={line.datedOn} title={formatDate(line.datedOn)}>
        {shortDate(line.datedOn)}
      </time>
      <span className={styles.words}>
        <span className={styles.description} title={line.bankDescription ?? undefined}>
          {line.description}
        </span>
        <Marks line={line} />
      </span>
      <Amount of={isPartly(line) ? line.remainder : line.amount} signed />
      <Hint line={line} />
    </div>
  );
}
const Row = memo(DrawnRow);

interface LineListProps {
  lines: readonly Line[];
  totalCount: number | null;
  inHand: string | null;
  marked: ReadonlySet<string>;
  loading: boolean;
  fetching: boolean;
  onTake: (id: string) => void;
  onMark: (id: string, range: boolean) => void;
  onNearEnd: () => void;
  list: Ref<HTMLDivElement>;
  children?: ReactNode;
}

/**
 * The bank's lines, oldest first, drawn as far as they are in sight. The list itself has the focus
 * and names the line in hand, so scrolling never loses it.
 */
export function LineList(props: LineListProps) {
  const { lines, inHand, marked, loading, onNearEnd } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const at = lines.findIndex(({ id }) => id === inHand);
  // eslint-disable-next-line react-hooks/incompatible-library -- nothing here is memoised by a compiler
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    initialRect: { width: 1, height: 800 },
    overscan: 6,
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      return at < 0 || shown.includes(at) ? shown : [...shown, at].sort((a, b) => a - b);
    },
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (lines.length > 0 && last >= lines.length - LOOKAHEAD) onNearEnd();
  }, [last, lines.length, onNearEnd]);
  useEffect(() => {
    if (at >= 0) virtualizer.scrollToIndex(at);
  }, [at, virtualizer]);
  return (
    <div ref={scroller} className={styles.scroller}>
      <div className={styles.bar} data-active={props.fetching && !loading} aria-hidden />
      <div
        ref={props.list}
        role="listbox"
        tabIndex={0}
        aria-label="Bank lines"
        aria-multiselectable
        aria-busy={loading}
        aria-activedescendant={at >= 0 && inHand !== null ? optionId(inHand) : undefined}
        className={styles.list}
        style={loading ? {} : { height: virtualizer.getTotalSize() }}
      >
        {loading &&
          Array.from({ length: SKELETONS }, (_, index) => (
            <div key={index} aria-hidden className={styles.skeleton} />
          ))}
        {items.map(({ index, start }) => {
          const line = lines[index];
          if (!line) return null;
          const total = props.totalCount ?? -1;
          const flags = { inHand: line.id === inHand, marked: marked.has(line.id) };
          const { onTake, onMark } = props;
          return <Row key={line.id} {...{ line, index, total, start, onTake, onMark, ...flags }} />;
        })}
      </div>
      {props.children}
    </div>
  );
}
