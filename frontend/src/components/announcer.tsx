import { VisuallyHidden } from '@mantine/core';
import { createContext, use, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';

const INTERVAL = 5_000;

type Announce = (message: string) => void;

const AnnouncerContext = createContext<Announce>(() => undefined);

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

// eslint-disable-next-line react-refresh/only-export-components -- the provider and its hook are one thing
export const useAnnounce = (): Announce => use(AnnouncerContext);
