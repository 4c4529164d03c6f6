import { useState } from 'react';
import { useMutation } from 'urql';
import { toFailure } from '@/graphql/errors';
import {
  CreateJournalEntryDocument,
  EditJournalEntryDocument,
  PostJournalEntryDocument,
  type EntryFieldsFragment,
} from '@/graphql/generated/operations';
import { useIdempotencyKey } from '@/lib/use-idempotency-key';
import { inputOf, type EntryDraft, type Manner } from './entry-draft';

type Saved = Pick<EntryFieldsFragment, 'id' | 'revision'>;

interface Answer {
  saved: Saved | null | undefined;
  problem: string | undefined;
}

/** Keeps what is typed: as a new entry, or as a draft that there is; posts it when told to. */
export function useSaveEntry(draftEntry: EntryFieldsFragment | null, manner: Manner) {
  const [, create] = useMutation(CreateJournalEntryDocument);
  const [, edit] = useMutation(EditJournalEntryDocument);
  const [, post] = useMutation(PostJournalEntryDocument);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [known, setKnown] = useState<Saved | null>(draftEntry);
  const keyFor = useIdempotencyKey();

  const add = async (draft: EntryDraft, posting: boolean): Promise<Answer> => {
    const input = { ...inputOf(draft, manner), post: posting };
    const { data, error } = await create({ input: { ...input, idempotencyKey: keyFor(input) } });
    const answer = data?.createJournalEntry;
    return {
      saved: answer?.journalEntry,
      problem: error ? toFailure(error).message : answer?.errors[0]?.message,
    };
  };
  const change = async (entry: Saved, draft: EntryDraft): Promise<Answer> => {
    const { data, error } = await edit({
      input: { ...inputOf(draft, manner), journalEntryId: entry.id, expectedRevision: entry.revision },
    });
    const answer = data?.editJournalEntry;
    if (answer?.journalEntry) setKnown(answer.journalEntry);
    return {
      saved: answer?.journalEntry,
      problem: error ? toFailure(error).message : answer?.errors[0]?.message,
    };
  };
  const postIt = async (entry: Saved): Promise<Answer> => {
    const input = { journalEntryId: entry.id, expectedRevision: entry.revision };
    const { data, error } = await post({ input: { ...input, idempotencyKey: keyFor(input) } });
    const answer = data?.postJournalEntry;
    return {
      saved: answer?.journalEntry,
      problem: error ? toFailure(error).message : answer?.errors[0]?.message,
    };
  };
  /** The entry's id when it was kept; null when not, and `problem` says why. */
  const save = async (draft: EntryDraft, posting: boolean): Promise<string | null> => {
    setSaving(true);
    setProblem(null);
    let answer = known ? await change(known, draft) : await add(draft, posting);
    if (known && posting && answer.saved && answer.problem === undefined) answer = await postIt(answer.saved);
    setSaving(false);
    setProblem(answer.problem ?? null);
    return answer.problem === undefined ? (answer.saved?.id ?? null) : null;
  };
  return { save, saving, problem };
}
