import { useState } from 'react';
import { useMutation } from 'urql';
import { toFailure } from '@/graphql/errors';
import { UpdateBankAccountDocument, type UpdateBankAccountMutation } from '@/graphql/generated/operations';
import type { BankAccountRow } from './account-words';

export interface RenameDraft {
  name: string;
  memo: string;
}

interface Problem {
  message: string;
  field: string | null;
}

interface Conflict extends RenameDraft {
  revision: number;
}

type UserError = UpdateBankAccountMutation['updateBankAccount']['errors'][number];

function toConflict(error: UserError | undefined): Conflict | null {
  if (error?.__typename !== 'ConflictError' || error.current?.__typename !== 'BankAccount') return null;
  const { name, memo, revision } = error.current;
  return { name, memo: memo ?? '', revision };
}

/**
 * Saves a name and memo. The dialog closes at once, because the cache shows the new name before the
 * server has answered; when the server refuses, the old name is back and the dialog opens again.
 */
export function useRename(account: BankAccountRow, onSaved: () => void) {
  const [, update] = useMutation(UpdateBankAccountDocument);
  const [open, setOpen] = useState(true);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);

  const save = async ({ name, memo }: RenameDraft, expectedRevision: number) => {
    setOpen(false);
    const input = {
      bankAccountId: account.id,
      name: name.trim(),
      memo: memo.trim() || null,
      expectedRevision,
    };
    const { data, error } = await update({ input });
    const refusal = data?.updateBankAccount.errors[0];
    if (!error && !refusal) {
      onSaved();
      return;
    }
    const met = toConflict(refusal);
    setConflict(met);
    if (error) setProblem({ message: toFailure(error).message, field: null });
    else if (refusal)
      setProblem(met ? null : { message: refusal.message, field: refusal.field?.[0] ?? null });
    setOpen(true);
  };

  return { save, open, problem, conflict };
}
