import { Button, Group, Modal, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState, type KeyboardEvent } from 'react';
import { useQuery } from 'urql';
import { toFailure } from '@/graphql/errors';
import {
  LedgerAccountsDocument,
  type LedgerAccountsQuery,
  type LedgerAccountWhere,
} from '@/graphql/generated/operations';
import { formatDate } from '@/lib/dates';
import { useReturnFocus } from '@/lib/use-return-focus';
import type { BankAccountRow } from './account-words';
import styles from './dialogs.module.css';
import { LedgerPicker } from './ledger-picker';
import { isOwed } from './start-draft';
import { StartStep } from './start-step';
import { useAssign } from './use-assign';

const SHOWN = 50;

type LedgerAccount = LedgerAccountsQuery['ledgerAccounts']['nodes'][number];

/** What an account of this type and currency can be tied to: money held is an asset, owed a liability. */
function suitable(account: BankAccountRow): LedgerAccountWhere {
  return {
    active: { eq: true },
    currency: { eq: account.currency },
    type: { eq: isOwed(account) ? 'LIABILITY' : 'ASSET' },
  };
}

interface PickStepProps {
  account: BankAccountRow;
  chosen: LedgerAccount | null;
  onChoose: (ledger: LedgerAccount) => void;
  onNext: () => void;
  onUntie: () => void;
  onClose: () => void;
  problem: string | null;
}

function PickStep({ account, chosen, onChoose, onNext, onUntie, onClose, problem }: PickStepProps) {
  const [search, setSearch] = useState('');
  const [settled] = useDebouncedValue(search.trim(), 200);
  const [{ data, fetching, error }] = useQuery({
    query: LedgerAccountsDocument,
    variables: { search: settled || null, first: SHOWN, where: suitable(account) },
    requestPolicy: 'cache-and-network',
  });
  const found = data?.ledgerAccounts.nodes ?? [];
  const current = account.ledgerAccount?.id ?? null;
  return (
    <Stack gap="sm">
      <p className={styles.text}>
        Transactions of this account are posted to the ledger account that you choose. It is kept in{' '}
        {account.currency}, and serves one bank account.
      </p>
      <LedgerPicker
        accounts={found}
        totalCount={data?.ledgerAccounts.totalCount ?? null}
        loading={fetching && !data}
        bankAccountId={account.id}
        search={search}
        onSearch={setSearch}
        chosen={chosen?.id ?? current}
        onChoose={(id) => {
          const ledger = found.find((one) => one.id === id);
          if (ledger) onChoose(ledger);
        }}
        problem={problem ?? (error ? toFailure(error).message : null)}
      />
      <p className={styles.text}>
        {account.startOn ? (
          <>
            History up to <strong>{formatDate(account.startOn)}</strong>; later lines can be reconciled.
          </>
        ) : (
          <>
            Start: <strong>not set yet</strong>. Until a start is given, nothing of this account can be
            booked; its transactions keep arriving.
          </>
        )}
      </p>
      <Group justify="space-between" gap="xs">
        {account.ledgerAccount ? (
          <Button variant="subtle" color="gray" onClick={onUntie}>
            Unlink
          </Button>
        ) : (
          <span />
        )}
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={chosen === null || chosen.id === current} onClick={onNext}>
            Next
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

/** Chooses the ledger account that this bank account's transactions are posted to, and from when on. */
export function LedgerDialog({ account, onClose }: { account: BankAccountRow; onClose: () => void }) {
  useReturnFocus();
  const [chosen, setChosen] = useState<LedgerAccount | null>(null);
  const [starting, setStarting] = useState(false);
  const { tie, untie, saving, problem, clear } = useAssign(account, onClose);
  const go = (toStart: boolean) => {
    clear();
    setStarting(toStart);
  };
  // the list that is always open would keep Esc for itself
  const leave = ({ key }: KeyboardEvent) => {
    if (key === 'Escape' && !starting) onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size={starting ? 'lg' : 'md'}
      title={
        starting && chosen
          ? `Start of ${account.name} in ${chosen.number} ${chosen.name}`
          : `Ledger account of ${account.name}`
      }
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div onKeyDown={leave}>
        {starting && chosen ? (
          <StartStep
            account={account}
            ledger={chosen}
            saving={saving}
            problem={problem}
            onLink={(start) => tie(chosen.id, start)}
            onBack={() => go(false)}
          />
        ) : (
          <PickStep
            {...{ account, chosen, problem, onClose }}
            onChoose={(ledger) => {
              clear();
              setChosen(ledger);
            }}
            onNext={() => go(true)}
            onUntie={untie}
          />
        )}
      </div>
    </Modal>
  );
}
