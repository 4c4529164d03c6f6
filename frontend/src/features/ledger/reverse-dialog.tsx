import { Button, Group, Modal, Stack } from '@mantine/core';
import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { useNotify } from '@/components/use-notify';
import { toFailure } from '@/graphql/errors';
import {
  BooksDocument,
  ReverseJournalEntryDocument,
  type EntryFieldsFragment,
} from '@/graphql/generated/operations';
import { formatDate } from '@/lib/dates';
import { formatDecimal, isZero } from '@/lib/money';
import { useIdempotencyKey } from '@/lib/use-idempotency-key';
import { useReturnFocus } from '@/lib/use-return-focus';
import styles from './ledger.module.css';

/** The original's date while its period is open, else the first open day. */
const reversalDate = (postedOn: string, firstOpenOn: string | null): string =>
  firstOpenOn !== null && firstOpenOn > postedOn ? firstOpenOn : postedOn;

function Effects({ entry, firstOpenOn }: { entry: EntryFieldsFragment; firstOpenOn: string | null }) {
  const on = reversalDate(entry.postedOn, firstOpenOn);
  const cleared = entry.lines.filter((line) => !isZero(line.cleared.amount));
  const { amount, currency } = entry.total;
  return (
    <ul className={styles.effects}>
      <li>
        An entry with the same {entry.lines.length} lines, debits and credits exchanged, is posted:{' '}
        {formatDecimal(amount)} {currency}, dated <strong>{formatDate(on)}</strong>
        {on === entry.postedOn ? ' like this one.' : `, because ${formatDate(entry.postedOn)} is locked.`}
      </li>
      {cleared.length > 0 && (
        <li>
          The bank lines that clear it come up for review again
          {entry.bankTransactions.length > 0 &&
            `, ${entry.bankTransactions.map(({ description, datedOn }) => `${description} of ${formatDate(datedOn)}`).join('; ')}`}
          .
        </li>
      )}
      <li>Both entries stay in the books and name each other.</li>
    </ul>
  );
}

/** Takes a posted entry back by its opposite, and says before what that does. */
export function ReverseDialog({ entry, onClose }: { entry: EntryFieldsFragment; onClose: () => void }) {
  useReturnFocus();
  const notify = useNotify();
  const [{ data: books }] = useQuery({ query: BooksDocument, requestPolicy: 'cache-and-network' });
  const [{ fetching }, reverse] = useMutation(ReverseJournalEntryDocument);
  const [problem, setProblem] = useState<string | null>(null);
  const keyFor = useIdempotencyKey();
  const act = async () => {
    const input = { journalEntryId: entry.id, expectedRevision: entry.revision };
    const { data, error } = await reverse({ input: { ...input, idempotencyKey: keyFor(input) } });
    const answer = data?.reverseJournalEntry;
    const words = error ? toFailure(error).message : answer?.errors[0]?.message;
    if (words !== undefined) {
      setProblem(words);
      return;
    }
    notify('done', `Reversed by ${answer?.journalEntry?.number ?? 'another entry'}.`);
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Reverse ${entry.number ?? 'this entry'}?`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="sm">
        {books && <Effects entry={entry} firstOpenOn={books.books.firstOpenOn} />}
        {problem && (
          <p role="alert" className={styles.problem}>
            {problem}
          </p>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button loading={fetching} disabled={!books} onClick={() => void act()}>
            Reverse
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
