import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useMutation } from 'urql';
import { toFailure } from '@/graphql/errors';
import { SetPeriodLockDocument, type BooksFieldsFragment } from '@/graphql/generated/operations';
import { useRefusal } from '@/graphql/use-viewer';
import { useReturnFocus } from '@/lib/use-return-focus';
import styles from './ledger.module.css';

function useSetLock(books: BooksFieldsFragment, onDone: () => void) {
  const [{ fetching }, set] = useMutation(SetPeriodLockDocument);
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (softLockOn: string, hardLockOn: string) => {
    const { data, error } = await set({
      input: {
        expectedRevision: books.revision,
        softLockOn: softLockOn || null,
        hardLockOn: hardLockOn || null,
      },
    });
    const words = error ? toFailure(error).message : data?.setPeriodLock.errors[0]?.message;
    if (words === undefined) onDone();
    else setProblem(words);
  };
  return { save, saving: fetching, problem };
}

/** Up to when nothing more is posted: softly, so that controllers still may, or for everybody. */
export function PeriodLockDialog({
  books,
  onClose,
  onDone,
}: {
  books: BooksFieldsFragment;
  onClose: () => void;
  onDone: () => void;
}) {
  useReturnFocus();
  const refusal = useRefusal('LOCK');
  const [soft, setSoft] = useState(books.softLockOn ?? '');
  const [hard, setHard] = useState(books.hardLockOn ?? '');
  const { save, saving, problem } = useSetLock(books, onDone);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void save(soft, hard);
  };
  return (
    <Modal opened onClose={onClose} title="Period lock" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <p className={styles.text}>
            Nothing dated in a locked period can be posted or reversed there. Bank lines dated in it can still
            be matched to entries that are posted already.
          </p>
          {(problem ?? refusal) && (
            <p role="alert" className={styles.problem}>
              {problem ?? refusal}
            </p>
          )}
          <TextInput
            type="date"
            label="Soft lock, up to and including"
            description="Who has the right “lock” may still post; the entry tells that they did."
            value={soft}
            disabled={refusal !== null}
            onChange={({ currentTarget }) => setSoft(currentTarget.value)}
            data-autofocus
          />
          <TextInput
            type="date"
            label="Hard lock, up to and including"
            description="Nobody posts. Leave a date empty for no lock."
            value={hard}
            disabled={refusal !== null}
            onChange={({ currentTarget }) => setHard(currentTarget.value)}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={saving} disabled={refusal !== null}>
              Set the lock
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
