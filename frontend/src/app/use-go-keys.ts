import { useEffect, useEffectEvent } from 'react';
import { useLocation } from 'wouter';

/** How long "g" waits for the second key. */
const PATIENCE = 1_500;
const TYPES = 'input, textarea, select, [contenteditable], [role="dialog"] *';

const isTyping = ({ target }: KeyboardEvent) => target instanceof Element && target.matches(TYPES);

/** "g" and then one of these keys leads to its path; both sleep while one types or a dialog is open. */
export function useGoKeys(places: Readonly<Record<string, string>>): void {
  const [, navigate] = useLocation();
  const go = useEffectEvent((key: string) => {
    const path = places[key];
    if (path !== undefined) navigate(path);
    return path !== undefined;
  });
  useEffect(() => {
    let since = -Infinity;
    const hear = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      const waited = event.timeStamp - since <= PATIENCE;
      since = event.key === 'g' && !waited ? event.timeStamp : -Infinity;
      if (!waited || !go(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener('keydown', hear, { capture: true });
    return () => window.removeEventListener('keydown', hear, { capture: true });
  }, []);
}
