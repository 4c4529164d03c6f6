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
export const pathOf = ({
  objectType,
  objectId,
}: Pick<AuditEvent, 'objectType' | 'objectId'>): string | null =>
  objectId === null ? null : (PATHS[objectType]?.(objectId) ?? null);

/** Facts of an act that hold the ids of several objects, with the type of these. */
const LISTS: Record<string, string> = {
  journal_entry_ids: 'JournalEntry',
  bank_account_ids: 'BankAccount',
};

/** The ids in a list as JSON; none when it is no such list. */
function readIds(value: string | null): string[] {
  try {
    const ids: unknown = JSON.parse(value ?? '');
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

export interface AboutObject {
  words: string;
  /** Null when no page shows it. */
  path: string | null;
}

/** The objects that are named by a list of ids, one of one type after the other. */
export function namedIn(name: string, value: string | null): AboutObject[] {
  const objectType = LISTS[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
  if (objectType === undefined) return [];
  return readIds(value).map((objectId) => ({
    words: OBJECT_TYPES[objectType] ?? objectType,
    path: pathOf({ objectType, objectId }),
  }));
}

/** What an event is about: its object; of an act, the entries and accounts that it touched. */
export function objectsOf(event: AuditEvent): AboutObject[] {
  const touched = event.changes.flatMap(({ name, after }) => namedIn(name, after));
  if (event.objectType === 'Act' && touched.length > 0) return touched;
  return [{ words: objectWords(event), path: pathOf(event) }];
}

/** What changed, without lists that stayed empty. */
export const changesOf = ({ changes }: AuditEvent): AuditEvent['changes'] =>
  changes.filter(({ before, after }) => !(before === null && (after === '[]' || after === null)));

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
