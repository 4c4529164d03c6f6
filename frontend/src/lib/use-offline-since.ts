import { useSyncExternalStore } from 'react';

let offlineSince: string | null = null;

/** Keeps the moment at which the browser lost its network. */
function watch(onChange: () => void): () => void {
  const note = () => {
    offlineSince = navigator.onLine ? null : (offlineSince ?? new Date().toISOString());
    onChange();
  };
  note();
  window.addEventListener('online', note);
  window.addEventListener('offline', note);
  return () => {
    window.removeEventListener('online', note);
    window.removeEventListener('offline', note);
  };
}

/** The moment since when the browser has no network; null while it has. */
export function useOfflineSince(): string | null {
  return useSyncExternalStore(watch, () => offlineSince);
}
