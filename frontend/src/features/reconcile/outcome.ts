import type { CombinedError } from '@urql/core';
import { toFailure } from '@/graphql/errors';
import type {
  ActFieldsFragment,
  LineFieldsFragment,
  OpenLineFragment,
  RefusalFieldsFragment,
} from '@/graphql/generated/operations';

export type Line = LineFieldsFragment;
export type Act = ActFieldsFragment;
export type OpenLine = OpenLineFragment;
export type Suggestion = Line['suggestions'][number];

/** Why the server did nothing, as far as the page can do something about it. */
export interface Refusal {
  message: string;
  code: string | null;
  /** The path below the input: "lines.1.amount"; "" when it is about no one field. */
  field: string;
  /** What may already be booked. */
  duplicates: OpenLine[];
  /** Who was faster, and when. */
  conflict: { by: string | null; at: string | null } | null;
  requestId: string | null;
}

/** What came of an act: done when nothing was refused. */
export interface Outcome {
  act: Act | null;
  lines: Line[];
  refusals: Refusal[];
}

export function toRefusal(error: RefusalFieldsFragment): Refusal {
  return {
    message: error.message,
    code: error.code,
    field: (error.field ?? []).join('.'),
    duplicates: error.__typename === 'PossibleDuplicateError' ? error.candidates : [],
    conflict:
      error.__typename === 'ConflictError' ? { by: error.by?.name ?? null, at: error.at ?? null } : null,
    requestId: null,
  };
}

const unanswered = (error: CombinedError): Refusal => ({
  ...toFailure(error),
  field: '',
  duplicates: [],
  conflict: null,
});

interface Answer {
  act?: Act | null;
  bankTransactions?: Line[];
  bankTransaction?: Line | null;
  errors: RefusalFieldsFragment[];
}

export function toOutcome(answer: Answer | undefined, error: CombinedError | undefined): Outcome {
  if (error || !answer) return { act: null, lines: [], refusals: error ? [unanswered(error)] : [] };
  const { act = null, bankTransactions, bankTransaction, errors } = answer;
  const lines = bankTransactions ?? (bankTransaction ? [bankTransaction] : []);
  return { act, lines, refusals: errors.map(toRefusal) };
}

/** The words beside a field, where a refusal names it. */
export const refusedAt = (refusals: readonly Refusal[], field: string): string | undefined =>
  refusals.find((refusal) => refusal.field === field)?.message;
