import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { toFailure } from '@/graphql/errors';
import { HideBankAccountDocument, WaitingLinesDocument } from '@/graphql/generated/operations';
import type { BankAccountRow } from './account-words';

/** How many lines of an account nobody could review once it is hidden; null until it is counted. */
function useWaiting(bankAccountId: string): { waiting: number | null; uncounted: boolean } {
  const [{ data, error }] = useQuery({
    query: WaitingLinesDocument,
    variables: { bankAccountId },
    requestPolicy: 'network-only',
  });
  const counts = data?.reconciliation?.counts;
  const waiting = counts ? counts.review + counts.toCheck + counts.undecided : null;
  return { waiting, uncounted: error !== undefined || data?.reconciliation === null };
}

/** Hides an account for ever; with lines that wait for review it takes a reason. */
export function useHide(account: BankAccountRow, onHidden: () => void) {
  const { waiting, uncounted } = useWaiting(account.id);
  const [{ fetching }, send] = useMutation(HideBankAccountDocument);
  const [revision, setRevision] = useState(account.revision);
  const [problem, setProblem] = useState<string | null>(null);
  const [refused, setRefused] = useState(false);
  const hide = async (reason: string) => {
    setProblem(null);
    const input = {
      bankAccountId: account.id,
      expectedRevision: revision,
      reason: reason.trim() || null,
    };
    const { data, error } = await send({ input });
    const refusal = data?.hideBankAccount.errors[0];
    if (!error && !refusal) {
      onHidden();
      return;
    }
    setRefused(refusal?.code === 'LINES_WAITING');
    if (refusal?.__typename === 'ConflictError' && refusal.current?.__typename === 'BankAccount')
      setRevision(refusal.current.revision);
    setProblem(error ? toFailure(error).message : (refusal?.message ?? ''));
  };
  return {
    waiting,
    /** True once it is known whether lines wait, or that it can't be told. */
    counted: waiting !== null || uncounted,
    needsReason: refused || (waiting ?? 0) > 0,
    hide: (reason: string) => void hide(reason),
    hiding: fetching,
    problem,
  };
}
