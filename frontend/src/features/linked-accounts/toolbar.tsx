import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { Plus, Search } from 'lucide-react';
import { useState, type ReactNode, type RefObject } from 'react';
import { Link } from 'wouter';
import styles from './linked-accounts.module.css';
import { isFiltered, type ViewState } from './view-state';

const STATUSES = [
  { value: '', label: 'Any status' },
  { value: 'attention', label: 'Needs you' },
  { value: 'ok', label: 'All Data Received' },
  { value: 'other', label: 'Waiting or trouble at the bank' },
];
const TYPES = [
  { value: '', label: 'Any type' },
  { value: 'BANK', label: 'Bank' },
  { value: 'CREDIT_CARD', label: 'Credit Card' },
  { value: 'LOAN', label: 'Loan' },
  { value: 'INVESTMENT', label: 'Investment' },
  { value: 'OTHER', label: 'Other' },
];
const LEDGERS = [
  { value: '', label: 'Any ledger account' },
  { value: 'linked', label: 'Linked' },
  { value: 'none', label: 'Not linked' },
];

interface ToolbarProps {
  view: ViewState;
  onView: (view: ViewState) => void;
  searchField: RefObject<HTMLInputElement | null>;
  children: ReactNode;
}

/** The typed words, and the same words in the address a moment after the last key. */
function SearchField({ view, onView, searchField }: Omit<ToolbarProps, 'children'>) {
  const [typed, setTyped] = useState(view.search);
  const [written, setWritten] = useState(view.search);
  if (written !== view.search) {
    setWritten(view.search);
    if (typed.trim() !== view.search) setTyped(view.search);
  }
  const search = useDebouncedCallback((words: string) => onView({ ...view, search: words }), 250);
  return (
    <TextInput
      ref={searchField}
      type="search"
      size="xs"
      className={styles.search}
      aria-label="Search accounts"
      placeholder="Search accounts"
      leftSection={<Search size={14} />}
      value={typed}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        search(currentTarget.value);
      }}
    />
  );
}

export function Toolbar({ view, onView, searchField, children }: ToolbarProps) {
  const select = (key: 'status' | 'type' | 'ledger', label: string, options: typeof STATUSES) => (
    <NativeSelect
      size="xs"
      className={styles.filter}
      aria-label={label}
      data={options}
      value={view[key]}
      onChange={({ currentTarget }) => onView({ ...view, [key]: currentTarget.value })}
    />
  );
  return (
    <div className={styles.toolbar} role="search" aria-label="Find accounts">
      <SearchField view={view} onView={onView} searchField={searchField} />
      {select('status', 'Status', STATUSES)}
      {select('type', 'Type', TYPES)}
      {select('ledger', 'Ledger account', LEDGERS)}
      {isFiltered(view) && (
        <Button
          size="compact-xs"
          variant="subtle"
          onClick={() => onView({ ...view, search: '', status: '', type: '', ledger: '' })}
        >
          Clear filters
        </Button>
      )}
      <span className={styles.gap} />
      {children}
    </div>
  );
}

export function AddBankButton() {
  return (
    <Button component={Link} href="/banks/add" size="xs" leftSection={<Plus size={14} />}>
      Add Bank/CC
    </Button>
  );
}
