import { Button } from '@mantine/core';
import { Pencil, RotateCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useMutation } from 'urql';
import { useLocation } from 'wouter';
import { useNotify } from '@/components/use-notify';
import { toFailure } from '@/graphql/errors';
import {
  DiscardJournalEntryDocument,
  PostJournalEntryDocument,
  type EntryFieldsFragment,
} from '@/graphql/generated/operations';
import { useRefusal } from '@/graphql/use-viewer';
import { useIdempotencyKey } from '@/lib/use-idempotency-key';
import { MemoDialog } from './memo-dialog';
import { ReverseDialog } from './reverse-dialog';

function DraftActions({ entry, refusal }: { entry: EntryFieldsFragment; refusal: string | null }) {
  const [posting, post] = useMutation(PostJournalEntryDocument);
  const [, discard] = useMutation(DiscardJournalEntryDocument);
  const [, navigate] = useLocation();
  const notify = useNotify();
  const keyFor = useIdempotencyKey();
  const input = { journalEntryId: entry.id, expectedRevision: entry.revision };
  const postIt = async () => {
    const { data, error } = await post({ input: { ...input, idempotencyKey: keyFor(input) } });
    const problem = error ? toFailure(error).message : data?.postJournalEntry.errors[0]?.message;
    notify(problem === undefined ? 'done' : 'problem', problem ?? 'The entry is posted.');
  };
  const discardIt = async () => {
    const { data, error } = await discard({ input });
    const problem = error ? toFailure(error).message : data?.discardJournalEntry.errors[0]?.message;
    notify(problem === undefined ? 'done' : 'problem', problem ?? 'The draft is discarded.');
    if (problem === undefined) navigate('/ledger/entries');
  };
  const blocked = { disabled: refusal !== null, title: refusal ?? undefined };
  return (
    <>
      <Button
        size="xs"
        variant="subtle"
        color="gray"
        leftSection={<Trash2 size={13} />}
        onClick={() => void discardIt()}
        {...blocked}
      >
        Discard
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<Pencil size={13} />}
        onClick={() => navigate(`/ledger/entries/${entry.id}/edit`)}
        {...blocked}
      >
        Edit
      </Button>
      <Button size="xs" loading={posting.fetching} onClick={() => void postIt()} {...blocked}>
        Post
      </Button>
    </>
  );
}

function PostedActions({ entry, refusal }: { entry: EntryFieldsFragment; refusal: string | null }) {
  const [opened, setOpened] = useState<'memo' | 'reverse' | null>(null);
  const reversal = refusal ?? entry.reversalBlockedReason;
  const close = () => setOpened(null);
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<Pencil size={13} />}
        disabled={refusal !== null}
        title={refusal ?? undefined}
        onClick={() => setOpened('memo')}
      >
        Edit memo
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<RotateCcw size={13} />}
        disabled={reversal !== null}
        title={reversal ?? undefined}
        onClick={() => setOpened('reverse')}
      >
        Reverse…
      </Button>
      {opened === 'memo' && <MemoDialog entry={entry} onClose={close} />}
      {opened === 'reverse' && <ReverseDialog entry={entry} onClose={close} />}
    </>
  );
}

/** A draft is posted, edited or discarded; what is posted gets another memo, or is reversed. */
export function EntryActions({ entry }: { entry: EntryFieldsFragment }) {
  const refusal = useRefusal('CODE');
  const Actions = entry.entryState === 'DRAFT' ? DraftActions : PostedActions;
  return <Actions entry={entry} refusal={refusal} />;
}
