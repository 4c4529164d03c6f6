import { useEffect } from 'react';
import { useQuery, useSubscription } from 'urql';
import { toFailure } from '@/graphql/errors';
import {
  LinkSessionChangedDocument,
  LinkSessionDocument,
  type LinkSessionFieldsFragment,
} from '@/graphql/generated/operations';

const POLL = 3_000;

interface Watched {
  session: LinkSessionFieldsFragment | null;
  /** True when the server knows no such session. */
  missing: boolean;
  problem: string | null;
}

/** Watches a session until it ends: by subscription, and by asking every three seconds beside it. */
export function useLinkSession(id: string | null): Watched {
  const variables = { id: id ?? '' };
  const pause = id === null;
  const [{ data, error, fetching }, ask] = useQuery({
    query: LinkSessionDocument,
    variables,
    pause,
    requestPolicy: 'cache-and-network',
  });
  const session = data?.linkSession ?? null;
  const over = session?.step.__typename === 'DoneStep' || session?.step.__typename === 'EndedStep';
  useSubscription({ query: LinkSessionChangedDocument, variables, pause: pause || over });
  useEffect(() => {
    if (pause || over) return;
    const timer = setInterval(() => ask({ requestPolicy: 'network-only' }), POLL);
    return () => clearInterval(timer);
  }, [pause, over, ask]);
  return {
    session,
    missing: pause || (data !== undefined && !fetching && session === null),
    problem: error && !session ? toFailure(error).message : null,
  };
}
