import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { toFailure, type Failure } from '@/graphql/errors';
import {
  DeleteBankAccountsDocument,
  DeleteBankLinkDocument,
  DeletionPreviewDocument,
  type DeleteBankAccountsMutation,
} from '@/graphql/generated/operations';
import { useIdempotencyKey } from '@/lib/use-idempotency-key';
import type { Preview, Receipt } from './deletion-words';

/** Accounts, or a login with all its accounts. */
export type Doomed = { bankAccountIds: string[] } | { bankLinkId: string };

type Payload = Pick<DeleteBankAccountsMutation['deleteBankAccounts'], 'deletion' | 'errors'>;

export interface UsedDeletion {
  /** What it would do; null until that is known. */
  preview: Preview | null;
  /** True when it changed since it was shown first. */
  outdated: boolean;
  /** Why it is not known what it would do. */
  failure: Failure | null;
  /** True when there is nothing to delete any more. */
  gone: boolean;
  readAgain: () => void;
  run: () => void;
  running: boolean;
  /** Why it was not done. */
  problem: string | null;
  /** What was done; null until it is. */
  receipt: Receipt | null;
}

function useSend(doomed: Doomed) {
  const [, accounts] = useMutation(DeleteBankAccountsDocument);
  const [, link] = useMutation(DeleteBankLinkDocument);
  const keyFor = useIdempotencyKey();
  return async (token: string): Promise<{ payload: Payload | undefined; problem: string | null }> => {
    const rest = { token, idempotencyKey: keyFor({ doomed, token }) };
    if ('bankLinkId' in doomed) {
      const { data, error } = await link({ input: { bankLinkId: doomed.bankLinkId, ...rest } });
      return { payload: data?.deleteBankLink, problem: error ? toFailure(error).message : null };
    }
    const { data, error } = await accounts({ input: { bankAccountIds: doomed.bankAccountIds, ...rest } });
    return { payload: data?.deleteBankAccounts, problem: error ? toFailure(error).message : null };
  };
}

/** Looks what a deletion would do, and does exactly that: if it would do something else by now, it shows that. */
export function useDeletion(doomed: Doomed): UsedDeletion {
  const send = useSend(doomed);
  const [newer, setNewer] = useState<Preview | null>(null);
  const [receipt, setReceipt] = useState<Receipt | null>(null);
  const [running, setRunning] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [{ data, error, fetching }, read] = useQuery({
    query: DeletionPreviewDocument,
    variables: doomed,
    requestPolicy: 'network-only',
    pause: receipt !== null || running,
  });
  const preview = newer ?? data?.deletionPreview ?? null;
  const run = async () => {
    if (!preview) return;
    setRunning(true);
    setProblem(null);
    const { payload, problem: met } = await send(preview.token);
    const [refusal] = payload?.errors ?? [];
    if (payload?.deletion) setReceipt(payload.deletion);
    else if (refusal?.__typename === 'DeletionOutdatedError') setNewer(refusal.preview);
    else setProblem(met ?? refusal?.message ?? 'Nothing was deleted. Try again.');
    setRunning(false);
  };
  return {
    preview,
    outdated: newer !== null,
    failure: error && !preview ? toFailure(error) : null,
    gone: data !== undefined && !fetching && preview === null,
    readAgain: () => read({ requestPolicy: 'network-only' }),
    run: () => void run(),
    running,
    problem,
    receipt,
  };
}
