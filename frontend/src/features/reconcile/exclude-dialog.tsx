import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useReturnFocus } from '@/lib/use-return-focus';
import styles from './forms.module.css';
import { nameOf } from './line-words';
import type { Line } from './outcome';
import { RefusalNote } from './refusal-note';
import { useDesk } from './use-desk';
import { useSending } from './use-sending';

const USUAL = ['Reported twice by the bank', 'Private, not the company’s', 'Booked in another system'];

/** Takes lines out of review, with a reason that stays with them. */
export function ExcludeDialog({ lines, onClose }: { lines: readonly Line[]; onClose: () => void }) {
  useReturnFocus();
  const { acts } = useDesk();
  const { send, sending, refusals } = useSending();
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const [first] = lines;
  const what = lines.length === 1 && first ? nameOf(first) : `${lines.length} lines`;
  const exclude = async () => {
    setTried(true);
    if (reason.trim() !== '' && (await send(() => acts.exclude(lines, reason.trim()), 'Excluded.')))
      onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      returnFocus={false}
      title={`Exclude ${what}?`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void exclude();
        }}
      >
        <Stack gap="sm">
          <p className={styles.note}>
            {lines.length === 1 ? 'It counts' : 'They count'} in no total and wait
            {lines.length === 1 ? 's' : ''} for nobody. You can put {lines.length === 1 ? 'it' : 'them'} back.
          </p>
          <TextInput
            label="Reason"
            data-autofocus
            maxLength={500}
            value={reason}
            error={tried && reason.trim() === '' ? 'Give a reason.' : null}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          <Group gap={6}>
            {USUAL.map((words) => (
              <Button key={words} size="compact-xs" variant="default" onClick={() => setReason(words)}>
                {words}
              </Button>
            ))}
          </Group>
          <RefusalNote refusals={refusals} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={sending}>
              Exclude
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
