import { Button, FileInput, Group, Modal, Stack } from '@mantine/core';
import { useState } from 'react';
import { useMutation } from 'urql';
import { toFailure } from '@/graphql/errors';
import {
  ImportLedgerAccountsDocument,
  type ImportLedgerAccountsMutation,
} from '@/graphql/generated/operations';
import { useReturnFocus } from '@/lib/use-return-focus';
import styles from './ledger.module.css';

type Outcome = ImportLedgerAccountsMutation['importLedgerAccounts'];
type RowError = Outcome['errors'][number];

interface Mistake {
  /** The line of the file, from 1; null: the whole file. */
  line: string | null;
  column: string | null;
  message: string;
}

/** The path of an error is ["csv", "<line of the file>", "<column>"]. */
const mistakeOf = ({ field, message }: RowError): Mistake => ({
  line: field?.[1] ?? null,
  column: field?.[2] ?? null,
  message,
});

/** What is wrong in the rows; of a file that can't be read as rows at all, why. */
function mistakesOf({ errors, results }: Outcome): Mistake[] {
  const inRows = results.flatMap((result) => result.errors);
  return (inRows.length > 0 ? inRows : errors).map(mistakeOf);
}

const WORDS = { CREATED: 'added', UPDATED: 'changed', UNCHANGED: 'as they were' };

function countsWords({ results }: Outcome): string {
  const counts = Object.entries(WORDS).map(([status, words]) => {
    const count = results.filter((result) => result.status === status).length;
    return count > 0 ? `${count} ${words}` : '';
  });
  return counts.filter(Boolean).join(', ') || 'The file has no rows';
}

function Mistakes({ mistakes }: { mistakes: Mistake[] }) {
  return (
    <div
      className={styles.scroller}
      style={{ maxHeight: '16rem' }}
      role="region"
      aria-label="Mistakes"
      tabIndex={0}
    >
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Column</th>
            <th scope="col">What is wrong</th>
          </tr>
        </thead>
        <tbody>
          {mistakes.map(({ line, column, message }, index) => (
            <tr key={index}>
              <th scope="row">{line ?? 'File'}</th>
              <td>{column}</td>
              <td>{message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function useImport() {
  const [{ fetching }, send] = useMutation(ImportLedgerAccountsDocument);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const read = async (file: File) => {
    setOutcome(null);
    const { data, error } = await send({ input: { csv: await file.text(), atomic: true } });
    setProblem(error ? toFailure(error).message : null);
    setOutcome(data?.importLedgerAccounts ?? null);
  };
  return { read, reading: fetching, outcome, problem };
}

/** Takes a chart of accounts from a CSV file: all of it, or nothing and a list of what is wrong where. */
export function ImportDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  useReturnFocus();
  const [file, setFile] = useState<File | null>(null);
  const { read, reading, outcome, problem } = useImport();
  const mistakes = outcome ? mistakesOf(outcome) : [];
  const imported = outcome !== null && mistakes.length === 0;
  return (
    <Modal
      opened
      onClose={imported ? onDone : onClose}
      title="Import a chart of accounts"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="sm">
        <p className={styles.text}>
          A CSV file with the columns <strong>Number, Name, Type</strong> and, where you have them,{' '}
          <strong>Currency, Parent, Active, Control, External ID</strong>, as in the file that Download CSV
          gives. An account that is there already is known by its external id, else by its number, and is
          changed. With one mistake in the file nothing is imported.
        </p>
        <FileInput
          label="CSV file"
          placeholder="Choose a file"
          accept=".csv,text/csv"
          value={file}
          onChange={setFile}
          data-autofocus
        />
        {problem && (
          <p role="alert" className={styles.problem}>
            {problem}
          </p>
        )}
        {mistakes.length > 0 && (
          <>
            <p role="alert" className={styles.problem}>
              Nothing was imported: {mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`} in
              the file.
            </p>
            <Mistakes mistakes={mistakes} />
          </>
        )}
        {imported && <p role="status">{countsWords(outcome)}.</p>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={imported ? onDone : onClose}>
            {imported ? 'Close' : 'Cancel'}
          </Button>
          {!imported && (
            <Button disabled={!file} loading={reading} onClick={() => file && void read(file)}>
              Import
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
