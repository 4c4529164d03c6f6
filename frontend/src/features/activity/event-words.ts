import type { AuditEventFieldsFragment } from '@/graphql/generated/operations';
import { formatDate } from '@/lib/dates';

export type AuditEvent = AuditEventFieldsFragment;

/** The types of objects that acts are about, in words. */
export const OBJECT_TYPES: Record<string, string> = {
  Act: 'act',
  BankAccount: 'bank account',
  BankLink: 'bank login',
  BankTransaction: 'bank line',
  Books: 'books',
  JournalEntry: 'journal entry',
  LedgerAccount: 'ledger account',
};

const PATHS: Record<string, (id: string) => string> = {
  BankAccount: (id) => `/banks/${id}`,
  JournalEntry: (id) => `/ledger/entries/${id}`,
  LedgerAccount: (id) => `/ledger/${id}`,
  Books: () => '/ledger',
};

/** Where the object is shown; null when no page shows it. */
export const pathOf = ({ objectType, objectId }: AuditEvent): string | null =>
  PATHS[objectType]?.(objectId) ?? null;

/** "bookTransaction" → "Book transaction", "hard_lock_on" → "Hard lock on". */
export function toWords(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[_.]/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const objectWords = ({ objectType }: AuditEvent): string =>
  OBJECT_TYPES[objectType] ?? toWords(objectType).toLowerCase();

const WHOLE_DATE = /^\d{4}-\d{2}-\d{2}$/;

/** A value as it stood: dates as dates, yes and no, "—" for none. */
export function valueWords(value: string | null): string {
  if (value === null || value === '' || value === 'null') return '—';
  if (WHOLE_DATE.test(value)) return formatDate(value);
  if (value === 'true') return 'yes';
  return value === 'false' ? 'no' : value;
}
