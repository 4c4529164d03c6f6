import type { BankTransactionState, ReconcileLinesQueryVariables } from '@/graphql/generated/operations';

/** What the page shows, as the address says it: ?from=2026-11-01&to=2026-11-30&tab=to-check&q=uber&way=out. */
export interface View {
  /** The first and last date, both included, as "YYYY-MM-DD", or "" for no bound. */
  from: string;
  to: string;
  tab: Tab;
  search: string;
  way: '' | 'in' | 'out';
}

export type Tab = keyof typeof TABS;

const PAGE = 50;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Each tab with its words and the states of the lines that stand on it. */
export const TABS = {
  review: { words: 'For review', states: ['REVIEW', 'PENDING'] },
  'to-check': { words: 'To check', states: ['TO_CHECK'] },
  reconciled: { words: 'Reconciled', states: ['RECONCILED'] },
  excluded: { words: 'Excluded', states: ['EXCLUDED'] },
  undecided: { words: 'Needs a decision', states: ['UNDECIDED'] },
} as const satisfies Record<string, { words: string; states: BankTransactionState[] }>;

export const isOnTab = (state: BankTransactionState, tab: Tab): boolean =>
  TABS[tab].states.some((one) => one === state);

const dateOr = (text: string | null) => (text !== null && DATE.test(text) ? text : '');

export function readAddress(search: string): View {
  const query = new URLSearchParams(search);
  const [tab, way] = [query.get('tab') ?? '', query.get('way')];
  return {
    from: dateOr(query.get('from')),
    to: dateOr(query.get('to')),
    tab: tab in TABS ? (tab as Tab) : 'review',
    search: query.get('q') ?? '',
    way: way === 'in' || way === 'out' ? way : '',
  };
}

export function writeAddress({ from, to, tab, search, way }: View): string {
  const parts = { from, to, tab: tab === 'review' ? '' : tab, q: search.trim(), way };
  const query = new URLSearchParams(Object.entries(parts).filter(([, value]) => value !== ''));
  return query.size > 0 ? `?${query.toString()}` : '';
}

export const isNarrowed = ({ search, way }: View): boolean => search.trim() !== '' || way !== '';

/** The lines of the view as the server filters them, oldest first. */
export function toVariables(
  accountId: string,
  { from, to, tab, search, way }: View,
): Omit<ReconcileLinesQueryVariables, 'after'> {
  return {
    accountId,
    first: PAGE,
    search: search.trim() || null,
    where: {
      state: { in: [...TABS[tab].states] },
      ...((from || to) && { datedOn: { ...(from && { gte: from }), ...(to && { lte: to }) } }),
      ...(way && { amount: way === 'in' ? { gt: '0' } : { lt: '0' } }),
    },
  };
}
