import type { SortingState } from '@tanstack/react-table';
import type {
  BankTransactionOrderField,
  BankTransactionsQueryVariables,
} from '@/graphql/generated/operations';

/** What the list of transactions shows, as the address says it: ?q=uber&from=2026-11-01&to=2026-11-30&sort=amount. */
export interface TransactionFilter {
  search: string;
  /** The first and last date, both included, as "YYYY-MM-DD", or "". */
  from: string;
  to: string;
  sorting: SortingState;
}

const PAGE = 100;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const ORDER_FIELDS: Record<string, BankTransactionOrderField> = {
  date: 'DATE',
  description: 'DESCRIPTION',
  amount: 'AMOUNT',
};

const dateOr = (text: string | null) => (text !== null && DATE.test(text) ? text : '');

function readSort(text: string | null): SortingState {
  const id = text?.replace(/^-/, '') ?? '';
  return id in ORDER_FIELDS ? [{ id, desc: text?.startsWith('-') ?? false }] : [{ id: 'date', desc: true }];
}

export function readFilter(search: string): TransactionFilter {
  const query = new URLSearchParams(search);
  return {
    search: query.get('q') ?? '',
    from: dateOr(query.get('from')),
    to: dateOr(query.get('to')),
    sorting: readSort(query.get('sort')),
  };
}

export function writeFilter({ search, from, to, sorting }: TransactionFilter): string {
  const [sort] = sorting;
  const written = sort && !(sort.id === 'date' && sort.desc) ? `${sort.desc ? '-' : ''}${sort.id}` : '';
  const parts = { q: search.trim(), from, to, sort: written };
  const query = new URLSearchParams(Object.entries(parts).filter(([, value]) => value !== ''));
  return query.size > 0 ? `?${query.toString()}` : '';
}

export const isNarrowed = ({ search, from, to }: TransactionFilter): boolean =>
  search.trim() !== '' || from !== '' || to !== '';

export function toVariables(
  accountId: string,
  { search, from, to, sorting }: TransactionFilter,
): BankTransactionsQueryVariables {
  const datedOn = { ...(from && { gte: from }), ...(to && { lte: to }) };
  return {
    accountId,
    first: PAGE,
    search: search.trim() || null,
    where: from || to ? { datedOn } : null,
    orderBy: sorting.map(({ id, desc }) => ({
      field: ORDER_FIELDS[id] ?? 'DATE',
      direction: desc ? 'DESC' : 'ASC',
    })),
  };
}

/** The same lines as a file. */
export function csvPath(accountId: string, { search, from, to }: TransactionFilter): string {
  const parts = { account: accountId, from, to, search: search.trim() };
  const query = new URLSearchParams(Object.entries(parts).filter(([, value]) => value !== ''));
  return `/export/bank-transactions.csv?${query.toString()}`;
}
