import type { Line, Outcome } from './outcome';
import { useSending } from './use-sending';

/** Sends a decision about a line that the bank changed; `target` names what is decided. */
export function useDeciding(line: Line) {
  const { send, sending, refusals } = useSending();
  const target = { reviewItemId: line.reviewItem?.id ?? '', expectedRevision: line.revision };

  /** A line that the bank withdrew is in no answer any more: it leaves the list all the same. */
  const withGone = async (decide: () => Promise<Outcome>): Promise<Outcome> => {
    const outcome = await decide();
    if (outcome.refusals.length > 0 || outcome.lines.some(({ id }) => id === line.id)) return outcome;
    const gone: Line = { ...line, state: 'HISTORY', revision: line.revision + 1, reviewItem: null };
    return { ...outcome, lines: [...outcome.lines, gone] };
  };

  return {
    target,
    sending,
    refusals,
    send: (decide: () => Promise<Outcome>, words: string) => send(() => withGone(decide), words),
  };
}
