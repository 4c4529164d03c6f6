import { Button, Group, Textarea } from '@mantine/core';
import { Flag } from 'lucide-react';
import { useState } from 'react';
import styles from './line-pane.module.css';
import type { Line } from './outcome';
import { RefusalNote } from './refusal-note';
import { useDesk } from './use-desk';
import { useSending } from './use-sending';

/** The comment on a line, and the mark that somebody should look at it again. */
export function LineNote({ line }: { line: Line }) {
  const { acts, openExclude } = useDesk();
  const [comment, setComment] = useState(line.comment ?? '');
  const { send, sending, refusals } = useSending();
  const target = { bankTransactionId: line.id, expectedRevision: line.revision };
  const changed = comment.trim() !== (line.comment ?? '');
  const settled = line.state === 'RECONCILED' || line.state === 'EXCLUDED';
  return (
    <section className={styles.note} aria-label="Comment">
      <Textarea
        aria-label="Comment"
        placeholder="Comment, for whoever looks at this next"
        autosize
        minRows={1}
        maxRows={5}
        maxLength={500}
        value={comment}
        onChange={({ currentTarget }) => setComment(currentTarget.value)}
      />
      <Group gap="xs">
        {changed && (
          <Button
            size="compact-sm"
            loading={sending}
            onClick={() =>
              void send(() => acts.annotate({ ...target, comment: comment.trim() || null }), 'Comment saved.')
            }
          >
            Save comment
          </Button>
        )}
        {!settled && (
          <>
            <Button
              size="compact-sm"
              variant="default"
              data-to-check
              leftSection={<Flag size={13} />}
              onClick={() =>
                void send(
                  () => acts.annotate({ ...target, toCheck: !line.toCheck }),
                  line.toCheck ? 'Back for review.' : 'Put aside to check.',
                )
              }
            >
              {line.toCheck ? 'Checked' : 'To check'}
            </Button>
            {!line.pending && (
              <Button size="compact-sm" variant="default" onClick={() => openExclude([line])}>
                Exclude…
              </Button>
            )}
          </>
        )}
      </Group>
      <RefusalNote refusals={refusals} />
    </section>
  );
}
