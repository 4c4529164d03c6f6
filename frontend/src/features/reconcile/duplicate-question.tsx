import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { formatDate } from '@/lib/dates';
import { Amount } from './amount';
import styles from './forms.module.css';
import { entryName, entryWords } from './line-words';
import type { OpenLine } from './outcome';

interface DuplicateQuestionProps {
  candidates: OpenLine[];
  sending: boolean;
  onMatch: (line: OpenLine) => void;
  onAnyway: (reason: string) => void;
}

/** Before a second entry is made: it may be booked already. */
export function DuplicateQuestion({ candidates, sending, onMatch, onAnyway }: DuplicateQuestionProps) {
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const names = candidates.map(entryName).join(', ');
  const anyway = () => {
    setAsked(true);
    if (reason.trim() !== '') onAnyway(reason.trim());
  };
  return (
    <div className={styles.question} role="alert">
      <p>
        <strong>This may already be booked as {names}.</strong>
      </p>
      {candidates.map((line) => (
        <div key={line.id} className={styles.entry}>
          <span className={styles.number}>{entryName(line)}</span>
          <span className={styles.clip}>{entryWords(line)}</span>
          <span className={styles.aside}>{line.postedOn && formatDate(line.postedOn)}</span>
          <Amount of={line.open} signed />
          <Button size="compact-xs" loading={sending} onClick={() => onMatch(line)}>
            Match {entryName(line)}
          </Button>
        </div>
      ))}
      <Group gap="xs" align="flex-start">
        <TextInput
          size="xs"
          aria-label="Why it is another one"
          placeholder="Why it is another one"
          value={reason}
          error={asked && reason.trim() === '' ? 'Say why it is not the same.' : null}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <Button size="xs" variant="default" loading={sending} onClick={anyway}>
          Create anyway
        </Button>
      </Group>
    </div>
  );
}
