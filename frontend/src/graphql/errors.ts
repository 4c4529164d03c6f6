import type { CombinedError } from '@urql/core';

export interface Failure {
  message: string;
  code: string | null;
  requestId: string | null;
}

const codeOf = (error: CombinedError) => error.graphQLErrors[0]?.extensions.code;
const statusOf = (error: CombinedError) => (error.response as Response | undefined)?.status;

export function isUnauthenticated(error: CombinedError): boolean {
  return codeOf(error) === 'UNAUTHENTICATED' || codeOf(error) === 'TOKEN_EXPIRED' || statusOf(error) === 401;
}

/** What a person is told when a whole request failed: a sentence, the code, and what to quote. */
export function toFailure(error: CombinedError): Failure {
  const [first] = error.graphQLErrors;
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    message: first?.message ?? 'The server cannot be reached.',
    code: text(first?.extensions.code),
    requestId: text(first?.extensions.requestId),
  };
}
