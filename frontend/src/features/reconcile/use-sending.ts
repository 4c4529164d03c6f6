import { useState } from 'react';
import type { Outcome, Refusal } from './outcome';
import { useDesk } from './use-desk';

/**
 * Sends an act once at a time and keeps why it was refused. After it is done the page has moved on,
 * so there is nothing to clear.
 */
export function useSending() {
  const { finish } = useDesk();
  const [sending, setSending] = useState(false);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const send = async (act: () => Promise<Outcome>, words: string): Promise<boolean> => {
    setSending(true);
    const outcome = await act();
    setSending(false);
    setRefusals(outcome.refusals);
    return finish(outcome, words);
  };
  return { sending, refusals, send, clear: () => setRefusals([]) };
}
