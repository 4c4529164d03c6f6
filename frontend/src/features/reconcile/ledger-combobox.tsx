import { Combobox, Loader, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState, type Ref } from 'react';
import { useQuery } from 'urql';
import { toFailure } from '@/graphql/errors';
import { CodingAccountsDocument, type CodingAccountsQuery } from '@/graphql/generated/operations';
import type { LedgerChoice } from './coding-draft';
import styles from './forms.module.css';

const SHOWN = 40;

type Found = CodingAccountsQuery['ledgerAccounts']['nodes'][number];

interface LedgerComboboxProps {
  label: string;
  chosen: LedgerChoice | null;
  onChoose: (account: LedgerChoice | null) => void;
  error?: string | undefined;
  /** What cannot be chosen here, in words; null: it can. */
  blocked?: (account: Found) => string | null;
  /** The label is for screen readers only. */
  quiet?: boolean;
  field?: Ref<HTMLInputElement>;
}

const nameOf = (account: LedgerChoice | null) => (account ? `${account.number} ${account.name}` : '');

function Option({ account, why }: { account: Found; why: string | null }) {
  return (
    <Combobox.Option value={account.id} disabled={why !== null} className={styles.option}>
      <span className={styles.number}>{account.number}</span>
      <span className={styles.clip}>{account.name}</span>
      <span className={styles.aside}>{why ?? account.currency ?? ''}</span>
    </Combobox.Option>
  );
}

/** Finds a ledger account by number or name: type, arrows move, Enter chooses. */
export function LedgerCombobox(props: LedgerComboboxProps) {
  const { label, chosen, onChoose, error, blocked = () => null, quiet = false, field } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setTyped(null);
    },
  });
  const [search] = useDebouncedValue((typed ?? '').trim(), 150);
  const [{ data, fetching, error: failed }] = useQuery({
    query: CodingAccountsDocument,
    variables: { search: search || null, first: SHOWN },
    pause: !combobox.dropdownOpened,
  });
  const accounts = data?.ledgerAccounts.nodes ?? [];
  const choose = (id: string) => {
    onChoose(accounts.find((account) => account.id === id) ?? null);
    combobox.closeDropdown();
  };
  return (
    <Combobox store={combobox} onOptionSubmit={choose} width="max-content" position="bottom-start">
      <Combobox.Target withExpandedAttribute>
        <TextInput
          ref={field}
          role="combobox"
          {...(quiet ? { 'aria-label': label } : { label })}
          placeholder="Number or name"
          autoComplete="off"
          value={typed ?? nameOf(chosen)}
          error={error}
          rightSection={fetching && combobox.dropdownOpened ? <Loader size={14} /> : null}
          onFocus={({ currentTarget }) => currentTarget.select()}
          onClick={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onChange={({ currentTarget }) => {
            setTyped(currentTarget.value);
            if (currentTarget.value === '') onChoose(null);
            combobox.openDropdown();
            combobox.updateSelectedOptionIndex();
            combobox.selectFirstOption();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown className={styles.dropdown}>
        <Combobox.Options aria-label="Chart of accounts" className={styles.options}>
          {accounts.map((account) => (
            <Option key={account.id} account={account} why={blocked(account)} />
          ))}
          {failed && <Combobox.Empty>{toFailure(failed).message}</Combobox.Empty>}
          {!failed && accounts.length === 0 && (
            <Combobox.Empty>
              {fetching ? 'Reading…' : 'No ledger account matches these words.'}
            </Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
