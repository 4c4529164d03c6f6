import { Button, Checkbox, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useMutation } from 'urql';
import { toFailure } from '@/graphql/errors';
import {
  CreateLedgerAccountDocument,
  UpdateLedgerAccountDocument,
  type LedgerAccountType,
} from '@/graphql/generated/operations';
import { useRefusal } from '@/graphql/use-viewer';
import { useReturnFocus } from '@/lib/use-return-focus';
import { AccountSelect } from './account-select';
import { TYPE_CHOICES, type ChartAccount } from './chart-words';
import styles from './ledger.module.css';

interface Draft {
  number: string;
  name: string;
  type: LedgerAccountType;
  currency: string;
  parent: { id: string; number: string; name: string } | null;
  control: boolean;
}

interface Problem {
  message: string;
  field: string | null;
}

/** The fields that can show what is wrong with them. */
const FIELDS = ['number', 'name', 'currency', 'parentId'];

const blank: Draft = { number: '', name: '', type: 'EXPENSE', currency: '', parent: null, control: false };

const draftOf = (account: ChartAccount): Draft => ({
  number: account.number,
  name: account.name,
  type: account.type,
  currency: account.currency ?? '',
  parent: account.parent,
  control: account.control,
});

const inputOf = ({ number, name, type, currency, parent, control }: Draft) => ({
  number: number.trim(),
  name: name.trim(),
  type,
  currency: currency.trim().toUpperCase() || null,
  parentId: parent?.id ?? null,
  control,
});

function useSave(account: ChartAccount | null, onDone: () => void) {
  const [creating, create] = useMutation(CreateLedgerAccountDocument);
  const [updating, update] = useMutation(UpdateLedgerAccountDocument);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [revision, setRevision] = useState(account?.revision ?? 0);

  const change = async (input: Partial<ReturnType<typeof inputOf>> & { active?: boolean }) => {
    const ledgerAccountId = account?.id ?? '';
    const { data, error } = await update({
      input: { ledgerAccountId, expectedRevision: revision, ...input },
    });
    const refusal = data?.updateLedgerAccount.errors[0];
    if (refusal?.__typename === 'ConflictError' && refusal.current?.__typename === 'LedgerAccount')
      setRevision(refusal.current.revision);
    return { error, refusal };
  };
  const add = async (draft: Draft) => {
    const { data, error } = await create({ input: inputOf(draft) });
    return { error, refusal: data?.createLedgerAccount.errors[0] };
  };
  const settle = async (answer: ReturnType<typeof add> | ReturnType<typeof change>) => {
    const { error, refusal } = await answer;
    if (error) setProblem({ message: toFailure(error).message, field: null });
    else if (refusal) setProblem({ message: refusal.message, field: refusal.field?.[0] ?? null });
    else onDone();
  };
  return {
    save: (draft: Draft) => void settle(account ? change(inputOf(draft)) : add(draft)),
    setActive: (active: boolean) => void settle(change({ active })),
    saving: creating.fetching || updating.fetching,
    problem,
  };
}

interface FieldsProps {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  problem: Problem | null;
  /** Entries stand on it. */
  fixed: boolean;
}

function Fields({ draft, onDraft, problem, fixed }: FieldsProps) {
  const set = (part: Partial<Draft>) => onDraft({ ...draft, ...part });
  const errorOf = (field: string) => (problem?.field === field ? problem.message : null);
  return (
    <>
      <TextInput
        label="Number"
        maxLength={20}
        value={draft.number}
        error={errorOf('number')}
        onChange={({ currentTarget }) => set({ number: currentTarget.value })}
        data-autofocus
      />
      <TextInput
        label="Name"
        maxLength={120}
        value={draft.name}
        error={errorOf('name')}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
      />
      <NativeSelect
        label="Type"
        data={TYPE_CHOICES}
        value={draft.type}
        disabled={fixed}
        onChange={({ currentTarget }) => set({ type: currentTarget.value as LedgerAccountType })}
      />
      <TextInput
        label="Currency"
        description="Empty: it takes any. A bank account needs a ledger account of its own currency."
        placeholder="USD"
        maxLength={3}
        value={draft.currency}
        disabled={fixed}
        error={errorOf('currency')}
        onChange={({ currentTarget }) => set({ currency: currentTarget.value.toUpperCase() })}
      />
      {fixed && (
        <p className={styles.text}>Entries stand on this account, so its type and currency are fixed.</p>
      )}
      <AccountSelect
        label="Part of"
        chosen={draft.parent}
        onChoose={(parent) => set({ parent })}
        error={errorOf('parentId')}
        clearable
      />
      <Checkbox
        label="Control account: it sums a subledger of another system, and keeps no bank account"
        checked={draft.control}
        onChange={({ currentTarget }) => set({ control: currentTarget.checked })}
      />
    </>
  );
}

/** Adds a ledger account, or changes one: its number and name, and what it is while nothing stands on it. */
export function AccountDialog({
  account,
  onClose,
  onDone,
}: {
  account: ChartAccount | null;
  onClose: () => void;
  onDone: () => void;
}) {
  useReturnFocus();
  const refusal = useRefusal('ACCOUNTS');
  const [draft, setDraft] = useState<Draft>(account ? draftOf(account) : blank);
  const { save, setActive, saving, problem } = useSave(account, onDone);
  const general = problem && !FIELDS.includes(problem.field ?? '') ? problem.message : refusal;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save(draft);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={account ? `Edit ${account.number} ${account.name}` : 'Add a ledger account'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          {general && (
            <p role="alert" className={styles.problem}>
              {general}
            </p>
          )}
          <Fields draft={draft} onDraft={setDraft} problem={problem} fixed={account?.inUse ?? false} />
          <Group justify="space-between" gap="xs">
            {account ? (
              <Button
                variant="subtle"
                color="gray"
                disabled={refusal !== null}
                onClick={() => setActive(!account.active)}
              >
                {account.active ? 'Deactivate' : 'Activate again'}
              </Button>
            ) : (
              <span />
            )}
            <Group gap="xs">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={saving} disabled={refusal !== null}>
                {account ? 'Save' : 'Add account'}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
