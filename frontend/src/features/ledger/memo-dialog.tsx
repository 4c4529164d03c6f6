import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useMutation } from 'urql';
import { toFailure } from '@/graphql/errors';
import { EditJournalEntryDocument, type EntryFieldsFragment } from '@/graphql/generated/operations';
import { useReturnFocus } from '@/lib/use-return-focus';
import styles from './ledger.module.css';

/** Memo and contact of a posted entry; amounts, accounts and dates never change. */
export function MemoDialog({ entry, onClose }: { entry: EntryFieldsFragment; onClose: () => void }) {
  useReturnFocus();
  const [{ fetching }, edit] = useMutation(EditJournalEntryDocument);
  const [memo, setMemo] = useState(entry.memo ?? '');
  const [contact, setContact] = useState(entry.contact ?? '');
  const [problem, setProblem] = useState<string | null>(null);
  const save = async () => {
    const { data, error } = await edit({
      input: {
        journalEntryId: entry.id,
        expectedRevision: entry.revision,
        memo: memo.trim() || null,
        contact: contact.trim() || null,
      },
    });
    const words = error ? toFailure(error).message : data?.editJournalEntry.errors[0]?.message;
    if (words === undefined) onClose();
    else setProblem(words);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void save();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title="Edit memo and contact"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          <p className={styles.text}>
            Amounts, accounts and dates of a posted entry never change. What the memo was before stays in its
            history.
          </p>
          {problem && (
            <p role="alert" className={styles.problem}>
              {problem}
            </p>
          )}
          <Textarea
            label="Memo"
            autosize
            minRows={2}
            maxLength={500}
            value={memo}
            onChange={({ currentTarget }) => setMemo(currentTarget.value)}
            data-autofocus
          />
          <TextInput
            label="Contact"
            maxLength={200}
            value={contact}
            onChange={({ currentTarget }) => setContact(currentTarget.value)}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={fetching}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
