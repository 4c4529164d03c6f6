import { History, Landmark, ListChecks, NotebookTabs, type LucideIcon } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import styles from './navigation.module.css';
import { useGoKeys } from './use-go-keys';

interface Place {
  path: string;
  name: string;
  icon: LucideIcon;
  /** Pressed after "g". */
  key: string;
}

const PLACES: Place[] = [
  { path: '/banks', name: 'Link Banks', icon: Landmark, key: 'b' },
  { path: '/reconcile', name: 'Reconcile', icon: ListChecks, key: 'r' },
  { path: '/ledger', name: 'Ledger', icon: NotebookTabs, key: 'l' },
  { path: '/activity', name: 'Activity', icon: History, key: 'a' },
];
const KEYS = Object.fromEntries(PLACES.map(({ key, path }) => [key, path]));

const isWithin = (address: string, path: string) => address === path || address.startsWith(`${path}/`);

/** Where one can go: a rail at the left, on a narrow screen a bar at the bottom. */
export function Navigation() {
  const [address] = useLocation();
  useGoKeys(KEYS);
  return (
    <nav className={styles.navigation} aria-label="Main">
      {PLACES.map(({ path, name, icon: Icon, key }) => (
        <Link
          key={path}
          href={path}
          className={styles.place}
          aria-current={isWithin(address, path) ? 'page' : undefined}
          aria-keyshortcuts={`g ${key}`}
          title={`${name} (g ${key})`}
        >
          <Icon size={19} strokeWidth={1.75} aria-hidden />
          {name}
        </Link>
      ))}
    </nav>
  );
}
