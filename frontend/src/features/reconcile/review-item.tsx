import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { Moment } from '@/components/moment';
import { LineInHandDocument } from '@/graphql/generated/operations';
import { formatDate } from '@/lib/dates';
import { Amount } from './amount';
import styles from './line-pane.module.css';
import type { Line } from './outcome';
import { RefusalNote } from './refusal-note';
import { Matches } from './settled-line';
import { useDesk } from './use-desk';
import { useSending } from './use-sending';

/** What the bank says now, beside what was booked. */
function WhatChanged({ line }: { line: Line }) {
  const { reviewItem } = line;
  if (reviewItem?.kind === 'WITHDRAWN')
    return <p className={styles.matchHead}>The bank withdrew this line.</p>;
  return (
    <>
      <p className={styles.matchHead}>The bank changed this line.</p>
      <dl className={styles.changes}>
        {reviewItem?.reportedAmount && reviewItem.reportedAmount.amount !== line.amount.amount && (
          <>
            <dt>Amount</dt>
            <dd>
              <Amount of={line.amount} signed /> → <Amount of={reviewItem.reportedAmount} signed />
            </dd>
          </>
        )}
        {reviewItem?.reportedOn && reviewItem.reportedOn !== line.datedOn && (
          <>
            <dt>Date</dt>
            <dd>
              {formatDate(line.datedOn)} → {formatDate(reviewItem.reportedOn)}
            </dd>
          </>
        )}
      </dl>
    </>
  );
}

/** A line that the bank changed or withdrew after it was booked: a person decides. */
export function ReviewItem({ line }: { line: Line }) {
  const { acts, openUndo } = useDesk();
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const { send, sending, refusals } = useSending();
  const [{ data }] = useQuery({ query: LineInHandDocument, variables: { id: line.id } });
  const act = data?.bankTransaction?.matches[0]?.act;
  const item = line.reviewItem;
  const keep = () => {
    setTried(true);
    if (item && reason.trim() !== '')
      void send(() => acts.keepOurs({ reviewItemId: item.id, reason: reason.trim() }), 'Kept as booked.');
  };
  return (
    <section className={styles.match} aria-label="Decision">
      <WhatChanged line={line} />
      {item && (
        <p className={styles.bankText}>
          Noticed <Moment at={item.raisedAt} />. Until you decide, the match stands.
        </p>
      )}
      <Group gap="xs" align="flex-start">
        <Button size="xs" disabled={!act} onClick={() => act && openUndo(act.id)}>
          Undo the match
        </Button>
        <TextInput
          size="xs"
          aria-label="Why what was booked is right"
          placeholder="Why what was booked is right"
          value={reason}
          error={tried && reason.trim() === '' ? 'Give a reason.' : null}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <Button size="xs" variant="default" loading={sending} onClick={keep}>
          Keep ours
        </Button>
      </Group>
      <RefusalNote refusals={refusals} />
      <Matches line={line} />
    </section>
  );
}
