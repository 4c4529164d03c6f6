import type { ReconciliationQuery } from '@/graphql/generated/operations';
import { TABS, type Tab } from './address';
import styles from './reconcile.module.css';

export type Counts = NonNullable<ReconciliationQuery['reconciliation']>['counts'];

const KEYS = {
  review: 'review',
  'to-check': 'toCheck',
  reconciled: 'reconciled',
  excluded: 'excluded',
  undecided: 'undecided',
} as const satisfies Record<Tab, keyof Counts>;

interface StateTabsProps {
  tab: Tab;
  counts: Counts | undefined;
  onTab: (tab: Tab) => void;
}

/** Where each line of the range stands, with how many. */
export function StateTabs({ tab, counts, onTab }: StateTabsProps) {
  return (
    <nav className={styles.tabs} aria-label="Lines by state">
      {Object.entries(TABS).map(([one, { words }]) => (
        <button
          key={one}
          type="button"
          className={styles.tab}
          aria-current={one === tab ? 'page' : undefined}
          data-alarm={one === 'undecided' && (counts?.undecided ?? 0) > 0}
          onClick={() => onTab(one as Tab)}
        >
          {words} <span className={styles.count}>{counts ? counts[KEYS[one as Tab]] : '·'}</span>
        </button>
      ))}
    </nav>
  );
}
