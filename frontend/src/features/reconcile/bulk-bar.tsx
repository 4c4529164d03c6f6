import { Button } from '@mantine/core';
import { useState } from 'react';
import { useAnnounce } from '@/components/use-announce';
import { formatSigned, sum } from '@/lib/money';
import styles from './bulk-bar.module.css';
import { nameOf } from './line-words';
import type { Line, Refusal } from './outcome';
import { useDesk } from './use-desk';

/** What became of one marked line. */
interface Result {
  line: Line;
  words: string;
}

const suggestionOf = ({ suggestions }: Line) => suggestions.find(({ preselect }) => preselect);

const whyNot = (refusals: Refusal[]) => refusals.map(({ message }) => message).join(' ');

function useBulk(onClear: () => void) {
  const { acts, finish, marked } = useDesk();
  const announce = useAnnounce();
  const [busy, setBusy] = useState(false);
  const [results, setResults] = useState<Result[]>([]);
  const tell = (left: Result[], done: number) => {
    setResults(left);
    if (left.length === 0) onClear();
    else announce(`${done} done, ${left.length} not.`);
  };
  const accept = async () => {
    setBusy(true);
    const sure = marked.filter((line) => suggestionOf(line) !== undefined);
    const unsure = marked.filter((line) => suggestionOf(line) === undefined);
    const rows = sure.map((line) => ({
      bankTransactionId: line.id,
      expectedRevision: line.revision,
      suggestionId: suggestionOf(line)?.id ?? '',
    }));
    const outcome = rows.length > 0 ? await acts.accept(rows) : null;
    const refused = sure.flatMap((line, index) => {
      const refusals = outcome?.rows[index]?.refusals ?? outcome?.refusals ?? [];
      return refusals.length > 0 ? [{ line, words: whyNot(refusals) }] : [];
    });
    const done = sure.length - refused.length;
    const settled = outcome?.lines.filter(({ id }) => !refused.some(({ line }) => line.id === id)) ?? [];
    if (outcome && done > 0) finish({ ...outcome, lines: settled, refusals: [] }, `${done} reconciled.`);
    tell(
      [...refused, ...unsure.map((line) => ({ line, words: 'Has no suggestion that is sure enough.' }))],
      done,
    );
    setBusy(false);
  };
  const checkAll = async () => {
    setBusy(true);
    const left: Result[] = [];
    const moved: Line[] = [];
    for (const line of marked) {
      const outcome = await acts.annotate({
        bankTransactionId: line.id,
        expectedRevision: line.revision,
        toCheck: true,
      });
      if (outcome.refusals.length > 0) left.push({ line, words: whyNot(outcome.refusals) });
      moved.push(...outcome.lines);
    }
    if (moved.length > 0)
      finish({ act: null, lines: moved, refusals: [] }, `${moved.length} put aside to check.`);
    tell(left, moved.length);
    setBusy(false);
  };
  return { accept, checkAll, busy, results };
}

/** What one can do with all marked lines at once; each line has its own result. */
export function BulkBar({ onClear }: { onClear: () => void }) {
  const { marked, openExclude } = useDesk();
  const { accept, checkAll, busy, results: all } = useBulk(onClear);
  const results = all.filter(({ line }) => marked.some(({ id }) => id === line.id));
  const currencies = new Set(marked.map(({ remainder }) => remainder.currency));
  const total = sum(marked.map(({ remainder }) => remainder.amount));
  if (marked.length === 0) return null;
  return (
    <section className={styles.bar} aria-label="Marked lines">
      <span>
        <strong>{marked.length}</strong> marked{currencies.size === 1 && <> · {formatSigned(total)}</>}
      </span>
      <Button size="compact-sm" loading={busy} onClick={() => void accept()}>
        Accept suggestions
      </Button>
      <Button size="compact-sm" variant="default" disabled={busy} onClick={() => openExclude(marked)}>
        Exclude…
      </Button>
      <Button size="compact-sm" variant="default" disabled={busy} onClick={() => void checkAll()}>
        To check
      </Button>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>
        Clear
      </Button>
      {results.length > 0 && (
        <ul className={styles.results} role="alert">
          {results.map(({ line, words }) => (
            <li key={line.id}>
              <strong>{nameOf(line)}</strong> {words}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
