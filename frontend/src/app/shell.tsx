import { ActionIcon, Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import { ChevronDown, Moon, Sun, SunMoon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { CrashBoundary } from '@/components/crash-boundary';
import type { ViewerQuery } from '@/graphql/generated/operations';
import { useLiveState } from '@/graphql/use-live';
import { formatStamp } from '@/lib/dates';
import { useOfflineSince } from '@/lib/use-offline-since';
import { Navigation } from './navigation';
import styles from './shell.module.css';

type Viewer = ViewerQuery['viewer'];

const SCHEMES = {
  auto: { next: 'light', icon: SunMoon, name: 'Colours: like the system' },
  light: { next: 'dark', icon: Sun, name: 'Colours: light' },
  dark: { next: 'auto', icon: Moon, name: 'Colours: dark' },
} as const;

function ColourToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { next, icon: Icon, name } = SCHEMES[colorScheme];
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={name}
      title={name}
      onClick={() => setColorScheme(next)}
    >
      <Icon size={17} />
    </ActionIcon>
  );
}

async function signOut() {
  await fetch('/auth/sign-out', { method: 'POST', credentials: 'same-origin' });
  window.location.assign('/sign-in');
}

function UserMenu({ user }: { user: NonNullable<Viewer['user']> }) {
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <UnstyledButton className={styles.user}>
          <span>{user.name}</span>
          <ChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.email}</Menu.Label>
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** One line when what is shown may be old, and why. */
function ConnectionBar() {
  const offlineSince = useOfflineSince();
  const live = useLiveState();
  if (offlineSince)
    return (
      <div className={styles.warning} role="status">
        You’re offline. Showing data from {formatStamp(offlineSince, new Date())}.
      </div>
    );
  if (live !== 'paused') return null;
  return (
    <div className={styles.warning} role="status">
      Live updates paused, reconnecting. Looking every 30 seconds.
    </div>
  );
}

export function Shell({ viewer, children }: { viewer?: Viewer; children?: ReactNode }) {
  const [path] = useLocation();
  const place = path.split('/', 3).join('/');
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <header className={styles.header}>
        <Link href="/banks" className={styles.mark}>
          <img src="/counterfoil.svg" alt="" width={20} height={20} />
          Counterfoil
        </Link>
        <span className={styles.organization}>{viewer?.organization.name}</span>
        <ColourToggle />
        {viewer?.user && <UserMenu user={viewer.user} />}
      </header>
      <ConnectionBar />
      <div className={styles.body}>
        <Navigation />
        <main id="main" className={styles.main} tabIndex={-1}>
          <CrashBoundary key={place}>{children}</CrashBoundary>
        </main>
      </div>
    </div>
  );
}
