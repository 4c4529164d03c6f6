import type { SortingState } from '@tanstack/react-table';
import type {
  BankAccountOrderField,
  BankAccountsQueryVariables,
  BankAccountType,
  BankAccountWhere,
  LinkStatusCode,
} from '@/graphql/generated/operations';

/** What the table shows, as the address says it: ?q=ops&status=attention&type=BANK&ledger=none&sort=-balance. */
export interface ViewState {
  search: string;
  status: StatusFilter;
  type: BankAccountType | '';
  ledger: LedgerFilter;
  sorting: SortingState;
}

export type StatusFilter = '' | 'attention' | 'ok' | 'other';
export type LedgerFilter = '' | 'linked' | 'none';

const PAGE = 100;

/** Each column with its name in the address and in the API's order. */
export const ORDER_FIELDS: Record<string, BankAccountOrderField> = {
  id: 'AGGREGATOR_ID',
  name: 'NAME',
  number: 'NUMBER',
  account_id: 'ACCOUNT_ID',
  type: 'TYPE',
  provider: 'PROVIDER',
  provider_id: 'PROVIDER_ID',
  status: 'STATUS',
  next_update: 'NEXT_UPDATE',
  last_update: 'LAST_UPDATE',
  balance: 'CURRENT_BALANCE',
  ledger: 'LEDGER_ACCOUNT',
};

/** Statuses in which a person must do something. */
const ATTENTION: LinkStatusCode[] = [
  'LINKING',
  'NEEDS_SIGN_IN',
  'NEEDS_CODE',
  'CONSENT_EXPIRING',
  'NEEDS_CONSENT',
  'LOCKED',
  'ACTION_AT_BANK',
  'GONE',
  'UNSUPPORTED',
  'PAYMENT_REQUIRED',
];

const DEFAULT_SORT: SortingState = [{ id: 'name', desc: false }];

const oneOf = <Value extends string>(value: string | null, allowed: readonly Value[]): Value | '' =>
  allowed.find((one) => one === value) ?? '';

function readSort(text: string | null): SortingState {
  const id = text?.replace(/^-/, '') ?? '';
  return id in ORDER_FIELDS ? [{ id, desc: text?.startsWith('-') ?? false }] : DEFAULT_SORT;
}

export function readView(search: string): ViewState {
  const query = new URLSearchParams(search);
  return {
    search: query.get('q') ?? '',
    status: oneOf(query.get('status'), ['attention', 'ok', 'other']),
    type: oneOf(query.get('type'), ['BANK', 'CREDIT_CARD', 'LOAN', 'INVESTMENT', 'OTHER']),
    ledger: oneOf(query.get('ledger'), ['linked', 'none']),
    sorting: readSort(query.get('sort')),
  };
}

/** The address that gives this view again, without what is as it would be anyway. */
export function writeView({ search, status, type, ledger, sorting }: ViewState): string {
  const [sort] = sorting;
  const written = sort && !(sort.id === 'name' && !sort.desc) ? `${sort.desc ? '-' : ''}${sort.id}` : '';
  const parts = { q: search.trim(), status, type, ledger, sort: written };
  const query = new URLSearchParams(Object.entries(parts).filter(([, value]) => value !== ''));
  return query.size > 0 ? `?${query.toString()}` : '';
}

export const isFiltered = ({ search, status, type, ledger }: ViewState): boolean =>
  search.trim() !== '' || status !== '' || type !== '' || ledger !== '';

function statusWhere(status: StatusFilter): BankAccountWhere[] {
  if (status === 'attention') return [{ status: { in: ATTENTION } }];
  if (status === 'ok') return [{ status: { eq: 'OK' } }];
  if (status === 'other') return [{ not: { status: { in: [...ATTENTION, 'OK'] } } }];
  return [];
}

/** The view as the server filters and orders it. */
export function toVariables({
  search,
  status,
  type,
  ledger,
  sorting,
}: ViewState): BankAccountsQueryVariables {
  const where: BankAccountWhere[] = [
    ...statusWhere(status),
    ...(type ? [{ type: { eq: type } }] : []),
    ...(ledger ? [{ ledgerAccount: { isNull: ledger === 'none' } }] : []),
  ];
  return {
    first: PAGE,
    search: search.trim() || null,
    where: where.length > 0 ? { and: where } : null,
    orderBy: sorting.map(({ id, desc }) => ({
      field: ORDER_FIELDS[id] ?? 'NAME',
      direction: desc ? 'DESC' : 'ASC',
    })),
  };
}
