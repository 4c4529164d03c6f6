import { Button, Group, Modal, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState, type KeyboardEvent } from 'react';
import { useMutation, useQuery } from 'urql';
import { toFailure } from '@/graphql/errors';
import {
  AssignLedgerAccountDocument,
  LedgerAccountsDocument,
  type LedgerAccountWhere,
} from '@/graphql/generated/operations';
import { formatDate } from '@/lib/dates';
import { useReturnFocus } from '@/lib/use-return-focus';
import type { BankAccountRow } from './account-words';
import styles from './dialogs.module.css';
import { LedgerPicker } from './ledger-picker';

const SHOWN = 50;

/** What an account of this type and currency can be tied to: money held is an asset, owed a liability. */
function suitable({ type, currency }: BankAccountRow): LedgerAccountWhere {
  const owed = type === 'CREDIT_CARD' || type === 'LOAN';
  return { active: { eq: true }, currency: { eq: currency }, type: { eq: owed ? 'LIABILITY' : 'ASSET' } };
}

function useAssign(account: BankAccountRow, onDone: () => void) {
  const [{ fetching }, assign] = useMutation(AssignLedgerAccountDocument);
  const [problem, setProblem] = useState<string | null>(null);
  const [revision, setRevision] = useState(account.revision);
  const save = async (ledgerAccountId: string | null) => {
    const { data, error } = await assign({
      input: { bankAccountId: account.id, ledgerAccountId, expectedRevision: revision },
    });
    const refusal = data?.assignLedgerAccount.errors[0];
    if (!error && !refusal) onDone();
    else setProblem(error ? toFailure(error).message : (refusal?.message ?? ''));
    if (refusal?.__typename === 'ConflictError' && refusal.current?.__typename === 'BankAccount')
      setRevision(refusal.current.revision);
  };
  return { save, saving: fetching, problem, clear: () => setProblem(null) };
}

/** Chooses the ledger account that this bank account's transactions are posted to. */
export function LedgerDialog({ account, onClose }: { account: BankAccountRow; onClose: () => void }) {
  useReturnFocus();
  const [search, setSearch] = useState('');
  const [settled] = useDebouncedValue(search.trim(), 200);
  const [chosen, setChosen] = useState(account.ledgerAccount?.id ?? null);
  const [{ data, fetching, error }] = useQuery({
    query: LedgerAccountsDocument,
    variables: { search: settled || null, first: SHOWN, where: suitable(account) },
    requestPolicy: 'cache-and-network',
  });
  const { save, saving, problem, clear } = useAssign(account, onClose);
  // the list that is always open would keep Esc for itself
  const leave = ({ key }: KeyboardEvent) => {
    if (key === 'Escape') onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Ledger account of ${account.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="sm" onKeyDown={leave}>
        <p className={styles.text}>
          Transactions of this account are posted to the ledger account that you choose. It is kept in{' '}
          {account.currency}, and serves one bank account.
        </p>
        <LedgerPicker
          accounts={data?.ledgerAccounts.nodes ?? []}
          totalCount={data?.ledgerAccounts.totalCount ?? null}
          loading={fetching && !data}
          bankAccountId={account.id}
          search={search}
          onSearch={setSearch}
          chosen={chosen}
          onChoose={(id) => {
            clear();
            setChosen(id);
          }}
          problem={problem ?? (error ? toFailure(error).message : null)}
        />
        <p className={styles.text}>
          Bookable from: <strong>{account.startOn ? formatDate(account.startOn) : 'not set yet'}</strong>.
          {!account.startOn &&
            ' Until a start date is given, nothing of this account can be booked; its transactions keep arriving.'}
        </p>
        <Group justify="space-between" gap="xs">
          {account.ledgerAccount ? (
            <Button variant="subtle" color="gray" onClick={() => void save(null)}>
              Unlink
            </Button>
          ) : (
            <span />
          )}
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button disabled={chosen === null} loading={saving} onClick={() => void save(chosen)}>
              Link
            </Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  );
}
