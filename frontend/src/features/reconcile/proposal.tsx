import styles from './forms.module.css';

interface ProposalProps {
  /** The key that takes it, up to 9. */
  number: number;
  words: string;
  reasons: string;
  score: number;
  picked?: boolean;
  onUse: () => void;
}

/** A suggestion that fills in the form when it is taken. */
export function Proposal({ number, words, reasons, score, picked, onUse }: ProposalProps) {
  return (
    <li>
      <button
        type="button"
        className={styles.candidate}
        data-candidate={number}
        data-picked={picked ?? false}
        aria-pressed={picked}
        onClick={onUse}
      >
        <span className={styles.key} aria-hidden>
          {number <= 9 ? number : ''}
        </span>
        <span className={styles.entries}>
          <span>{words}</span>
          <span className={styles.reasons}>
            {reasons} · {score} %
          </span>
        </span>
      </button>
    </li>
  );
}
