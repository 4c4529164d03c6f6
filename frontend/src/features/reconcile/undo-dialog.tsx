import { Button, Group, Modal, Stack } from '@mantine/core';
import { useQuery } from 'urql';
import { ErrorPanel } from '@/components/panel';
import { toFailure } from '@/graphql/errors';
import { UndoPreviewDocument } from '@/graphql/generated/operations';
import { useReturnFocus } from '@/lib/use-return-focus';
import styles from './forms.module.css';
import { RefusalNote } from './refusal-note';
import { useDesk } from './use-desk';
import { useSending } from './use-sending';

/** What undoing an act will do, said before it is done. The focus starts on the safe button. */
export function UndoDialog({ actId, onClose }: { actId: string; onClose: () => void }) {
  useReturnFocus();
  const { acts } = useDesk();
  const { send, sending, refusals } = useSending();
  const [{ data, fetching, error }, read] = useQuery({
    query: UndoPreviewDocument,
    variables: { actId },
    requestPolicy: 'network-only',
  });
  const preview = data?.undoPreview;
  const undo = async () => {
    if (!preview?.token) return;
    if (await send(() => acts.undoWith(actId, preview.token ?? ''), 'Undone.')) onClose();
    else read({ requestPolicy: 'network-only' });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      returnFocus={false}
      title="Undo this?"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="sm">
        {fetching && !preview && <p className={styles.note}>Looking what it would do…</p>}
        {error && (
          <ErrorPanel
            title="Couldn’t look what it would do."
            failure={toFailure(error)}
            onRetry={() => read({ requestPolicy: 'network-only' })}
          />
        )}
        {preview && preview.effects.length > 0 && (
          <ul className={styles.effects}>
            {preview.effects.map(({ kind, text }, index) => (
              <li key={`${kind}-${index}`}>{text}</li>
            ))}
          </ul>
        )}
        {preview?.blockedReason && <p className={styles.blockedReason}>{preview.blockedReason}</p>}
        {data && !preview && <p className={styles.note}>This act is gone.</p>}
        <RefusalNote refusals={refusals} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" data-autofocus onClick={onClose}>
            Keep
          </Button>
          <Button disabled={!preview?.token} loading={sending} onClick={() => void undo()}>
            Undo
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
