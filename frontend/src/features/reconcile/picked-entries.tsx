import { digitsOf, formatSigned, isZero, magnitude, subtract } from '@/lib/money';
import { writeAmount } from '@/lib/typed-amount';
import { AmountField } from './amount-field';
import styles from './forms.module.css';
import { entryName } from './line-words';
import type { PlannedItem } from './match-plan';
import type { OpenLine } from './outcome';
import { useDesk } from './use-desk';

interface PickedEntriesProps {
  picks: readonly OpenLine[];
  /** What the match takes of each. */
  planned: readonly PlannedItem[];
  /** What a person typed to take of an entry's line, by its id. */
  typed: Readonly<Record<string, string>>;
  onType: (id: string, typed: string) => void;
  problemOf: (line: OpenLine) => string | undefined;
}

/** What is picked, wherever it was found, and how much of each is taken. */
export function PickedEntries({ picks, planned, typed, onType, problemOf }: PickedEntriesProps) {
  const { separators } = useDesk();
  const takenOf = ({ id, open }: OpenLine) => planned.find((item) => item.id === id)?.amount ?? open.amount;
  return (
    <ul className={styles.candidates} aria-label="Picked">
      {picks.map((line) => {
        const rest = subtract(line.open.amount, takenOf(line));
        return (
          <li key={line.id} className={styles.picked}>
            <span className={styles.number}>{entryName(line)}</span>
            <AmountField
              quiet
              label={`Part of ${entryName(line)} to take`}
              typed={typed[line.id] ?? ''}
              onType={(words) => onType(line.id, words)}
              digits={digitsOf(line.open.amount)}
              separators={separators}
              placeholder={writeAmount(magnitude(takenOf(line)), separators)}
              error={problemOf(line)}
            />
            <span className={styles.aside}>
              of {formatSigned(line.open.amount)}
              {!isZero(rest) && `, ${formatSigned(rest)} stays open`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
