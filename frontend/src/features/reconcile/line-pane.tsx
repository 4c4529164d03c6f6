import { Button } from '@mantine/core';
import { ChevronLeft } from 'lucide-react';
import { useState, type Ref } from 'react';
import { beginDraft, emptyRow } from './coding-draft';
import { CodingTab } from './coding-tab';
import { LineFacts } from './line-facts';
import { isPartly } from './line-words';
import { LineNote } from './line-note';
import styles from './line-pane.module.css';
import { MatchTab } from './match-tab';
import type { Line } from './outcome';
import { ReviewItem } from './review-item';
import { ExcludedLine, Matches } from './settled-line';
import { emptyTransfer } from './transfer-draft';
import { TransferTab } from './transfer-tab';
import { useDesk, type Mode } from './use-desk';

const MODES: Record<Mode, string> = { match: 'Match', new: 'New', transfer: 'Transfer', split: 'Split' };

/** The way that the best suggestion takes; without one there is nothing to match, and an entry is made. */
function likelyMode(line: Line): Mode {
  const [best] = line.suggestions;
  if (line.pending) return 'new';
  if (best?.otherTransaction) return 'transfer';
  if (!best) return 'new';
  if (!best.coding) return 'match';
  return best.coding.lines.length > 1 ? 'split' : 'new';
}

interface LinePaneProps {
  line: Line;
  /** The way that the person chose for this line; null: the likely one. */
  chosen: Mode | null;
  onMode: (mode: Mode) => void;
  onBack: () => void;
  pane: Ref<HTMLElement>;
}

function Ways({ mode, onMode }: { mode: Mode; onMode: (mode: Mode) => void }) {
  return (
    <div className={styles.ways} role="group" aria-label="What to do with this line">
      {Object.entries(MODES).map(([one, words]) => (
        <button
          key={one}
          type="button"
          className={styles.way}
          aria-pressed={one === mode}
          onClick={() => onMode(one as Mode)}
        >
          {words}
          <kbd aria-hidden>{one === 'split' ? 'p' : one.charAt(0)}</kbd>
        </button>
      ))}
    </div>
  );
}

/** The forms of an open line; what one types stays while one looks at the other ways. */
function OpenLineForms({ line, chosen, onMode }: Pick<LinePaneProps, 'line' | 'chosen' | 'onMode'>) {
  const { rates, separators } = useDesk();
  const [draft, setDraft] = useState(() =>
    beginDraft(line, rates.get(line.amount.currency) ?? '', separators),
  );
  const [transfer, setTransfer] = useState(() => emptyTransfer(line, rates));
  const [likely] = useState(() => likelyMode(line));
  const mode = chosen ?? likely;
  const [second] = useState(() => emptyRow());
  const split = mode === 'split' && draft.rows.length === 1;
  const shown = split ? { ...draft, rows: [...draft.rows, second] } : draft;
  const coding = <CodingTab line={line} draft={shown} onDraft={setDraft} split={mode === 'split'} />;
  if (line.pending) return coding;
  return (
    <>
      <Ways mode={mode} onMode={onMode} />
      {mode === 'match' && <MatchTab line={line} />}
      {mode === 'transfer' && <TransferTab line={line} draft={transfer} onDraft={setTransfer} />}
      {(mode === 'new' || mode === 'split') && coding}
    </>
  );
}

/** The line in hand, and everything that one can do with it. */
export function LinePane({ line, chosen, onMode, onBack, pane }: LinePaneProps) {
  const open = line.state === 'REVIEW' || line.state === 'TO_CHECK';
  return (
    <article ref={pane} className={styles.pane} aria-label={`Bank line ${line.description}`}>
      <Button
        className={styles.back}
        size="compact-sm"
        variant="subtle"
        leftSection={<ChevronLeft size={14} />}
        onClick={onBack}
      >
        Lines
      </Button>
      <LineFacts line={line} />
      {line.state === 'UNDECIDED' && <ReviewItem line={line} />}
      {line.state === 'EXCLUDED' && <ExcludedLine line={line} />}
      {(line.state === 'RECONCILED' || (open && isPartly(line))) && <Matches line={line} />}
      {(open || line.pending) && (
        // what was picked and typed was for what was open then
        <OpenLineForms key={line.reconciled.amount} {...{ line, chosen, onMode }} />
      )}
      {line.state === 'HISTORY' && <p className={styles.bankText}>{line.blockedReason}</p>}
      <LineNote key={line.comment ?? ''} line={line} />
    </article>
  );
}
