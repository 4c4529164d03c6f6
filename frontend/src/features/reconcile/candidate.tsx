import { formatDate } from '@/lib/dates';
import { compare, formatSigned, sum } from '@/lib/money';
import { Amount } from './amount';
import styles from './forms.module.css';
import { entryName, entryWords, shortDate } from './line-words';
import type { OpenLine } from './outcome';

interface CandidateProps {
  /** The key that picks it, up to 9. */
  number: number;
  picked: boolean;
  onPick: () => void;
  lines: OpenLine[];
  label?: string;
  reasons?: string;
  score?: number;
}

function EntryLine({ line }: { line: OpenLine }) {
  const { postedOn, open, amount } = line;
  const partly = compare(open.amount, amount.amount) !== 0;
  return (
    <span className={styles.entry}>
      <span className={styles.number}>{entryName(line)}</span>
      <span className={styles.clip}>
        {entryWords(line)}
        {partly && <span className={styles.aside}> · open of {formatSigned(amount.amount)}</span>}
      </span>
      {postedOn && (
        <time className={styles.aside} dateTime={postedOn} title={formatDate(postedOn)}>
          {shortDate(postedOn)}
        </time>
      )}
      <Amount of={open} signed />
    </span>
  );
}

/** One line of the books, or a group of them, that a person can pick: by pointer, Space or its number. */
export function Candidate({ number, picked, onPick, lines, label, reasons, score }: CandidateProps) {
  const [first] = lines;
  const total = sum(lines.map(({ open }) => open.amount));
  const name = label ?? (lines.length === 1 && first ? entryName(first) : `${lines.length} entries`);
  return (
    <li>
      <label className={styles.candidate} data-picked={picked}>
        <input
          type="checkbox"
          checked={picked}
          data-candidate={number}
          aria-label={`${name}, ${formatSigned(total)}`}
          aria-description={reasons}
          onChange={onPick}
        />
        <span className={styles.key} aria-hidden>
          {number <= 9 ? number : ''}
        </span>
        <span className={styles.entries}>
          {lines.map((line) => (
            <EntryLine key={line.id} line={line} />
          ))}
          {reasons && (
            <span className={styles.reasons}>
              {reasons} · {score} %
            </span>
          )}
        </span>
      </label>
    </li>
  );
}
