import { Button } from '@mantine/core';
import { useMutation } from 'urql';
import { CancelLinkSessionDocument } from '@/graphql/generated/operations';
import styles from './add-bank.module.css';

/** Ends the session; nothing of it is kept, here or at the aggregator. */
export function GiveUp({ sessionId, disabled }: { sessionId: string; disabled: boolean }) {
  const [{ fetching }, cancel] = useMutation(CancelLinkSessionDocument);
  return (
    <div className={styles.buttons}>
      <Button
        variant="subtle"
        color="gray"
        disabled={disabled}
        loading={fetching}
        onClick={() => void cancel({ input: { sessionId } })}
      >
        Give up; link nothing
      </Button>
    </div>
  );
}
