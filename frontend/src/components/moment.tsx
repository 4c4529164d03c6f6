import { createContext, use, useEffect, useState, type ReactNode } from 'react';
import { formatAgo, formatDue, formatMoment } from '@/lib/dates';

const TICK = 20_000;

const NowContext = createContext<Date | null>(null);

/** One clock for all relative times on the page. */
export function NowProvider({ children }: { children: ReactNode }) {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), TICK);
    return () => clearInterval(timer);
  }, []);
  return <NowContext value={now}>{children}</NowContext>;
}

interface MomentProps {
  at: string | null | undefined;
  /** A moment to come: "Today 18:40"; else how long ago it was. */
  due?: boolean;
}

/** A moment in words, with the exact time and zone on hover. */
export function Moment({ at, due = false }: MomentProps) {
  const now = use(NowContext);
  const [first] = useState(() => new Date());
  if (!at) return <span style={{ color: 'var(--muted)' }}>—</span>;
  const words = due ? formatDue(at, now ?? first) : formatAgo(at, now ?? first);
  return (
    <time dateTime={at} title={formatMoment(at)}>
      {words}
    </time>
  );
}
