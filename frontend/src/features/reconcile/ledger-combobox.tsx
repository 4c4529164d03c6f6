import { Combobox, Loader, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useEffectEvent, useRef, useState, type Ref } from 'react';
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

/** Whether each word stands in the number or the name. */
const matches = (account: Found, words: string) =>
  words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => nameOf(account).toLowerCase().includes(word));

function Option({ account, why }: { account: Found; why: string | null }) {
  return (
    <Combobox.Option value={account.id} disabled={why !== null} className={styles.option}>
      <span className={styles.number}>{account.number}</span>
      <span className={styles.clip}>{account.name}</span>
      <span className={styles.aside}>{why ?? account.currency ?? ''}</span>
    </Combobox.Option>
  );
}

/** What the words find: the server's answer, and until it comes what of the last answer fits. */
function useFoundAccounts(words: string, paused: boolean) {
  const [search] = useDebouncedValue(words, 150);
  const [{ data, fetching, error }] = useQuery({
    query: CodingAccountsDocument,
    variables: { search: search || null, first: SHOWN },
    pause: paused,
  });
  const found = data?.ledgerAccounts.nodes ?? [];
  const searching = fetching || words !== search;
  const accounts = searching ? found.filter((account) => matches(account, words)) : found;
  return { accounts, searching, fetching, failed: error };
}

type Finding = ReturnType<typeof useFoundAccounts>;

function Options({ finding, blocked }: { finding: Finding; blocked: (account: Found) => string | null }) {
  const { accounts, fetching, failed } = finding;
  return (
    <Combobox.Options aria-label="Chart of accounts" className={styles.options}>
      {accounts.map((account) => (
        <Option key={account.id} account={account} why={blocked(account)} />
      ))}
      {failed && <Combobox.Empty>{toFailure(failed).message}</Combobox.Empty>}
      {!failed && accounts.length === 0 && (
        <Combobox.Empty>{fetching ? 'Reading…' : 'No ledger account matches these words.'}</Combobox.Empty>
      )}
    </Combobox.Options>
  );
}

/** Finds a ledger account by number or name: type, arrows move, Enter chooses. */
export function LedgerCombobox(props: LedgerComboboxProps) {
  const { label, chosen, onChoose, error, blocked = () => null, quiet = false, field } = props;
  const [typed, setTyped] = useState<string | null>(null);
  /** Enter came before the server's answer: take the first that it finds. */
  const entered = useRef(false);
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setTyped(null);
      entered.current = false;
    },
  });
  const words = (typed ?? '').trim();
  const finding = useFoundAccounts(words, !combobox.dropdownOpened);
  const { accounts, searching, fetching } = finding;
  const choose = (account: Found | undefined) => {
    entered.current = false;
    onChoose(account ?? null);
    combobox.closeDropdown();
  };
  const shown = accounts.map(({ id }) => id).join();
  const offerFirst = useEffectEvent(() => {
    if (words === '' || !combobox.dropdownOpened) return;
    if (entered.current && accounts[0]) choose(accounts[0]);
    else combobox.selectFirstOption();
  });
  useEffect(() => offerFirst(), [shown, words]);
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(id) => choose(accounts.find((account) => account.id === id))}
      width="max-content"
      position="bottom-start"
    >
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
            combobox.resetSelectedOption();
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
              event.preventDefault();
              entered.current = searching && accounts.length === 0;
            }
            // Esc closes the list first, and only then leads back to the lines
            if (event.key === 'Escape' && combobox.dropdownOpened) event.stopPropagation();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown className={styles.dropdown}>
        <Options finding={finding} blocked={blocked} />
      </Combobox.Dropdown>
    </Combobox>
  );
}
