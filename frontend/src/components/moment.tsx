import { createContext, use, useEffect, useState, type ReactNode } from 'react';
import { formatAgo, formatDue, formatMoment, formatStamp } from '@/lib/dates';

const TICK = 20_000;
const FORMATS = { ago: formatAgo, due: formatDue, stamp: formatStamp };

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
  /** How long ago it was; or when it is due, "Today 18:40"; or the day and time, "12 Nov 14:05". */
  as?: keyof typeof FORMATS;
}

/** A moment in words, with the exact time and zone on hover. */
export function Moment({ at, as = 'ago' }: MomentProps) {
  const now = use(NowContext);
  const [first] = useState(() => new Date());
  if (!at) return <span style={{ color: 'var(--muted)' }}>—</span>;
  const words = FORMATS[as](at, now ?? first);
  return (
    <time dateTime={at} title={formatMoment(at)}>
      {words}
    </time>
  );
}
