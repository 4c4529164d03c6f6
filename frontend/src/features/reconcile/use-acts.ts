import type { AnyVariables, TypedDocumentNode } from '@urql/core';
import { useMemo } from 'react';
import { useClient } from 'urql';
import {
  AcceptBankChangeDocument,
  AcceptSuggestionsDocument,
  AdjustBankChangeDocument,
  AnnotateTransactionDocument,
  BookTransactionDocument,
  ExcludeTransactionsDocument,
  KeepOursDocument,
  MarkDuplicateDocument,
  MatchTransactionsDocument,
  RebookBankChangeDocument,
  RestoreTransactionsDocument,
  TransferTransactionDocument,
  UndoDocument,
  UndoPreviewDocument,
  type AcceptBankChangeInput,
  type AcceptSuggestionRow,
  type AdjustBankChangeInput,
  type AnnotateTransactionInput,
  type BookTransactionInput,
  type KeepOursInput,
  type MarkDuplicateInput,
  type MatchTransactionsInput,
  type RebookBankChangeInput,
  type TransferTransactionInput,
} from '@/graphql/generated/operations';
import { toFailure } from '@/graphql/errors';
import { newKey } from '@/lib/new-key';
import { toOutcome, toRefusal, type Line, type Outcome, type Refusal } from './outcome';

type Unkeyed<Input> = Omit<Input, 'idempotencyKey'>;
interface AnswerData {
  answer: Parameters<typeof toOutcome>[0];
}

/** What came of accepting many suggestions: each row for itself. */
export interface BulkOutcome extends Outcome {
  rows: { line: Line | null; refusals: Refusal[] }[];
}

const revisions = (lines: readonly Line[]) =>
  lines.map(({ id, revision }) => ({ bankTransactionId: id, expectedRevision: revision }));

const nothingDone = (message: string): Outcome => ({
  act: null,
  lines: [],
  refusals: [{ message, code: null, field: '', duplicates: [], conflict: null, requestId: null }],
});

/** Everything that one can do to bank lines. None is shown before the server has done it. */
export function useActs() {
  const client = useClient();
  return useMemo(() => {
    const keys = new Map<string, string>();

    /** Sending the same again, after an answer that was lost, does it once. */
    function keyFor(input: object): string {
      const sent = JSON.stringify(input);
      const key = keys.get(sent) ?? newKey();
      keys.set(sent, key);
      return key;
    }

    async function send<Data extends AnswerData, Variables extends AnyVariables>(
      document: TypedDocumentNode<Data, Variables>,
      input: object,
    ): Promise<Outcome> {
      const { data, error } = await client.mutation(document, { input } as unknown as Variables).toPromise();
      return toOutcome(data?.answer, error);
    }

    function once<Data extends AnswerData, Variables extends AnyVariables>(
      document: TypedDocumentNode<Data, Variables>,
      input: object,
    ): Promise<Outcome> {
      return send(document, { ...input, idempotencyKey: keyFor(input) });
    }

    async function undo(actId: string): Promise<Outcome> {
      const { data, error } = await client
        .query(UndoPreviewDocument, { actId }, { requestPolicy: 'network-only' })
        .toPromise();
      const preview = data?.undoPreview;
      if (error) return nothingDone(toFailure(error).message);
      if (!preview?.token) return nothingDone(preview?.blockedReason ?? 'This act is gone.');
      return once(UndoDocument, { actId, token: preview.token });
    }

    async function accept(rows: AcceptSuggestionRow[]): Promise<BulkOutcome> {
      const input = { rows, atomic: false };
      const { data, error } = await client
        .mutation(AcceptSuggestionsDocument, { input: { ...input, idempotencyKey: keyFor(input) } })
        .toPromise();
      const results = data?.answer.results ?? [];
      return {
        ...toOutcome(data?.answer, error),
        lines: results.flatMap(({ bankTransaction }) => bankTransaction ?? []),
        rows: results.map(({ bankTransaction, errors }) => ({
          line: bankTransaction,
          refusals: errors.map(toRefusal),
        })),
      };
    }

    return {
      book: (input: Unkeyed<BookTransactionInput>) => once(BookTransactionDocument, input),
      transfer: (input: Unkeyed<TransferTransactionInput>) => once(TransferTransactionDocument, input),
      match: (input: Unkeyed<MatchTransactionsInput>) => once(MatchTransactionsDocument, input),
      exclude: (lines: readonly Line[], reason: string) =>
        once(ExcludeTransactionsDocument, { items: revisions(lines), reason }),
      restore: (lines: readonly Line[]) => once(RestoreTransactionsDocument, { items: revisions(lines) }),
      annotate: (input: AnnotateTransactionInput) => send(AnnotateTransactionDocument, input),
      keepOurs: (input: Unkeyed<KeepOursInput>) => once(KeepOursDocument, input),
      acceptChange: (input: Unkeyed<AcceptBankChangeInput>) => once(AcceptBankChangeDocument, input),
      adjustChange: (input: Unkeyed<AdjustBankChangeInput>) => once(AdjustBankChangeDocument, input),
      rebookChange: (input: Unkeyed<RebookBankChangeInput>) => once(RebookBankChangeDocument, input),
      markDuplicate: (input: Unkeyed<MarkDuplicateInput>) => once(MarkDuplicateDocument, input),
      undoWith: (actId: string, token: string) => once(UndoDocument, { actId, token }),
      undo,
      accept,
    };
  }, [client]);
}

export type Acts = ReturnType<typeof useActs>;
