import { Anchor, Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState, type KeyboardEvent, type SubmitEvent } from 'react';
import { useReturnFocus } from '@/lib/use-return-focus';
import type { BankAccountRow } from './account-words';
import styles from './dialogs.module.css';
import { useRename, type RenameDraft } from './use-rename';

const NAME_LENGTH = 80;
const MEMO_LENGTH = 500;

function Conflict({
  theirs,
  onKeep,
  onTake,
}: {
  theirs: RenameDraft;
  onKeep: () => void;
  onTake: () => void;
}) {
  return (
    <div role="alert" className={styles.conflict}>
      <p>
        Somebody changed this account meanwhile: it is now called “{theirs.name}”
        {theirs.memo ? `, with the memo “${theirs.memo}”` : ''}.
      </p>
      <Group gap="xs">
        <Button size="compact-sm" onClick={onKeep}>
          Keep mine
        </Button>
        <Button size="compact-sm" variant="default" onClick={onTake}>
          Take theirs
        </Button>
      </Group>
    </div>
  );
}

/** Name and memo of an account. The row shows them at once; a refusal brings the dialog back. */
export function EditDialog({ account, onClose }: { account: BankAccountRow; onClose: () => void }) {
  useReturnFocus();
  const [draft, setDraft] = useState<RenameDraft>({ name: account.name, memo: account.memo ?? '' });
  const { save, open, problem, conflict } = useRename(account, onClose);
  const submit = (event?: SubmitEvent | KeyboardEvent) => {
    event?.preventDefault();
    void save(draft, conflict?.revision ?? account.revision);
  };
  const byKeyboard = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit(event);
  };
  return (
    <Modal
      opened={open}
      onClose={onClose}
      title="Edit name and memo"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={submit} onKeyDown={byKeyboard}>
        <Stack gap="sm">
          {conflict && <Conflict theirs={conflict} onKeep={submit} onTake={onClose} />}
          {problem && !problem.field && (
            <p role="alert" className={styles.problem}>
              {problem.message}
            </p>
          )}
          <TextInput
            label="Name"
            maxLength={NAME_LENGTH}
            value={draft.name}
            error={problem?.field === 'name' && problem.message}
            onChange={({ currentTarget }) => setDraft({ ...draft, name: currentTarget.value })}
            data-autofocus
          />
          <Text size="xs" c="dimmed">
            Bank calls it: {account.bankName}{' '}
            {draft.name !== account.bankName && (
              <Anchor
                component="button"
                type="button"
                size="xs"
                onClick={() => setDraft({ ...draft, name: account.bankName })}
              >
                Use this
              </Anchor>
            )}
          </Text>
          <Textarea
            label="Memo"
            description="For you and your colleagues; the bank never sees it."
            autosize
            minRows={2}
            maxLength={MEMO_LENGTH}
            value={draft.memo}
            error={problem?.field === 'memo' && problem.message}
            onChange={({ currentTarget }) => setDraft({ ...draft, memo: currentTarget.value })}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit">Save</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
