import { VisuallyHidden } from '@mantine/core';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { AnnouncerContext, type Announce } from './use-announce';

const INTERVAL = 5_000;

/** Tells a screen reader what happened by itself: politely, one sentence in five seconds at most. */
export function AnnouncerProvider({ children }: { children: ReactNode }) {
  const [message, setMessage] = useState('');
  const waiting = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const announce = useMemo<Announce>(() => {
    const speak = () => {
      timer.current = undefined;
      if (waiting.current.length === 0) return;
      setMessage(waiting.current.join(' '));
      waiting.current = [];
      timer.current = setTimeout(speak, INTERVAL);
    };
    return (text) => {
      if (!waiting.current.includes(text)) waiting.current = [...waiting.current, text].slice(-3);
      if (timer.current === undefined) speak();
    };
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    <AnnouncerContext value={announce}>
      {children}
      <VisuallyHidden role="status" aria-live="polite" data-testid="announcer">
        {message}
      </VisuallyHidden>
    </AnnouncerContext>
  );
}
