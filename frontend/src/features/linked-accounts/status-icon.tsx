import {
  CalendarClock,
  CircleCheck,
  CircleDashed,
  CircleX,
  CloudOff,
  Hourglass,
  Info,
  KeyRound,
  LoaderCircle,
  Lock,
  MessageSquareText,
  TriangleAlert,
  Unplug,
  type LucideIcon,
} from 'lucide-react';
import type { StatusFieldsFragment } from '@/graphql/generated/operations';
import styles from './status.module.css';

/** A shape for each status that has its own, so that colour is never alone. */
const BY_CODE: Partial<Record<string, LucideIcon>> = {
  LINKING: CircleDashed,
  PARTIAL: CircleDashed,
  NEEDS_SIGN_IN: KeyRound,
  NEEDS_CODE: MessageSquareText,
  CONSENT_EXPIRING: CalendarClock,
  NEEDS_CONSENT: CalendarClock,
  LOCKED: Lock,
  BANK_DOWN: CloudOff,
  RATE_LIMITED: Hourglass,
  GONE: Unplug,
  UNSUPPORTED: CircleX,
};

const BY_SEVERITY: Record<string, LucideIcon> = {
  OK: CircleCheck,
  INFO: Info,
  WARNING: TriangleAlert,
  ACTION: TriangleAlert,
};

export function StatusIcon({
  status,
  size = 15,
}: {
  status: Pick<StatusFieldsFragment, 'code' | 'activity' | 'severity'>;
  size?: number;
}) {
  if (status.activity !== 'IDLE') return <LoaderCircle size={size} className={styles.turning} aria-hidden />;
  const Icon = BY_CODE[status.code] ?? BY_SEVERITY[status.severity] ?? Info;
  return <Icon size={size} className={styles.icon} aria-hidden />;
}
