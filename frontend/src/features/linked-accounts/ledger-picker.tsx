import { Check } from 'lucide-react';
import { Combobox, TextInput, useCombobox } from '@mantine/core';
import type { LedgerAccountsQuery } from '@/graphql/generated/operations';
import styles from './dialogs.module.css';

type LedgerAccount = LedgerAccountsQuery['ledgerAccounts']['nodes'][number];

interface LedgerPickerProps {
  accounts: LedgerAccount[];
  totalCount: number | null;
  loading: boolean;
  bankAccountId: string;
  search: string;
  onSearch: (search: string) => void;
  chosen: string | null;
  onChoose: (id: string) => void;
  problem: string | null;
}

function Option({
  account,
  bankAccountId,
  active,
}: {
  account: LedgerAccount;
  bankAccountId: string;
  active: boolean;
}) {
  const { bankAccount } = account;
  const taken = bankAccount && bankAccount.id !== bankAccountId;
  return (
    <Combobox.Option value={account.id} active={active} className={styles.option}>
      {active ? <Check size={14} aria-label="Chosen" /> : <span />}
      <span className={styles.number}>{account.number}</span>
      <span className={styles.ledgerName}>{account.name}</span>
      {taken && <span className={styles.taken}>linked to {bankAccount.name}</span>}
      <span className={styles.currency}>{account.currency ?? 'any currency'}</span>
    </Combobox.Option>
  );
}

function hint({ loading, accounts, totalCount, search }: LedgerPickerProps): string | null {
  if (loading) return 'Reading the chart of accounts…';
  if (accounts.length === 0)
    return search
      ? 'No ledger account matches these words.'
      : 'No active ledger account of this type and currency. Add one to the chart of accounts.';
  return totalCount !== null && totalCount > accounts.length
    ? `The first ${accounts.length} of ${totalCount}. Search for more.`
    : null;
}

/** Searches the chart of accounts by number and name; arrows move, Enter chooses. */
export function LedgerPicker(props: LedgerPickerProps) {
  const { accounts, search, onSearch, chosen, onChoose, problem, bankAccountId } = props;
  const combobox = useCombobox({ opened: true });
  const words = hint(props);
  return (
    <Combobox store={combobox} onOptionSubmit={onChoose}>
      <Combobox.EventsTarget withExpandedAttribute>
        <TextInput
          label="Ledger account"
          role="combobox"
          placeholder="Search by number or name"
          value={search}
          error={problem}
          data-autofocus
          onChange={({ currentTarget }) => {
            onSearch(currentTarget.value);
            combobox.resetSelectedOption();
          }}
        />
      </Combobox.EventsTarget>
      <Combobox.Options className={styles.options} aria-label="Chart of accounts">
        {accounts.map((account) => (
          <Option
            key={account.id}
            account={account}
            bankAccountId={bankAccountId}
            active={account.id === chosen}
          />
        ))}
        {words && <Combobox.Empty>{words}</Combobox.Empty>}
      </Combobox.Options>
    </Combobox>
  );
}
