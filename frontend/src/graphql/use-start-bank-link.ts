import { useMutation } from 'urql';
import { newKey } from '@/lib/new-key';
import { toFailure } from './errors';
import { StartBankLinkDocument, type LinkMode } from './generated/operations';

/** Where the bank's page leads back to; it brings the session's id along. */
export const RETURN_PATH = '/banks/add/return';

interface Started {
  /** Open this to sign in at the bank. */
  url: string | null;
  /** Why it could not begin. */
  problem: string | null;
}

/** Begins to add a login, or to repair one that there is; the caller opens the address that comes back. */
export function useStartBankLink(): (mode: LinkMode, bankLinkId?: string) => Promise<Started> {
  const [, start] = useMutation(StartBankLinkDocument);
  return async (mode, bankLinkId) => {
    const returnUrl = `${window.location.origin}${RETURN_PATH}`;
    const input = {
      mode,
      client: 'WEB',
      bankLinkId: bankLinkId ?? null,
      returnUrl,
      idempotencyKey: newKey(),
    } as const;
    const { data, error } = await start({ input });
    if (error) return { url: null, problem: toFailure(error).message };
    const { linkSession, errors } = data?.startBankLink ?? {};
    const step = linkSession?.step;
    if (step?.__typename === 'OpenUrlStep') return { url: step.url, problem: null };
    return {
      url: null,
      problem: errors?.[0]?.message ?? 'The bank’s sign-in page could not be opened. Try again.',
    };
  };
}
