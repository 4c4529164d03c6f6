import { useState } from 'react';
import { useMutation } from 'urql';
import { toFailure } from '@/graphql/errors';
import { AssignLedgerAccountDocument, type StartInput } from '@/graphql/generated/operations';
import { useIdempotencyKey } from '@/lib/use-idempotency-key';
import type { BankAccountRow } from './account-words';

/** Ties the account to a ledger account from a start on, or unties it. */
export function useAssign(account: BankAccountRow, onDone: () => void) {
  const [{ fetching }, assign] = useMutation(AssignLedgerAccountDocument);
  const [problem, setProblem] = useState<string | null>(null);
  const [revision, setRevision] = useState(account.revision);
  const keyFor = useIdempotencyKey();
  const send = async (ledgerAccountId: string | null, start: StartInput | null) => {
    const input = { bankAccountId: account.id, ledgerAccountId, start, expectedRevision: revision };
    const { data, error } = await assign({ input: { ...input, idempotencyKey: keyFor(input) } });
    const refusal = data?.assignLedgerAccount.errors[0];
    if (!error && !refusal) onDone();
    else setProblem(error ? toFailure(error).message : (refusal?.message ?? ''));
    if (refusal?.__typename === 'ConflictError' && refusal.current?.__typename === 'BankAccount')
      setRevision(refusal.current.revision);
  };
  return {
    tie: (ledgerAccountId: string, start: StartInput) => void send(ledgerAccountId, start),
    untie: () => void send(null, null),
    saving: fetching,
    problem,
    clear: () => setProblem(null),
  };
}
