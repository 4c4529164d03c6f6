import { createContext, use, useEffect, useEffectEvent, useState, useSyncExternalStore, type ReactNode } from 'react';
import { useClient } from 'urql';
import { LiveFeed, type LiveListener, type LiveState } from './live-feed';

const LiveContext = createContext<LiveFeed | null>(null);

/** Opens the tab's one live feed. `head` is the cursor that was read before anything was shown. */
export function LiveProvider({ head, children }: { head: string; children: ReactNode }) {
  const client = useClient();
  const [feed] = useState(() => new LiveFeed(client, head));
  useEffect(() => feed.start(), [feed]);
  return <LiveContext value={feed}>{children}</LiveContext>;
}

const never = () => () => undefined;

/** Whether live updates arrive at this moment. */
// eslint-disable-next-line react-refresh/only-export-components -- the provider and its hooks are one thing
export function useLiveState(): LiveState {
  const feed = use(LiveContext);
  return useSyncExternalStore(feed ? feed.onState : never, () => feed?.getState() ?? 'connecting');
}

/** Hears of changes while the component is shown. */
// eslint-disable-next-line react-refresh/only-export-components -- the provider and its hooks are one thing
export function useLive({ onChanges, onResync }: LiveListener): void {
  const feed = use(LiveContext);
  const change = useEffectEvent((changes: Parameters<NonNullable<typeof onChanges>>[0]) => onChanges?.(changes));
  const resync = useEffectEvent(() => onResync?.());
  useEffect(() => feed?.listen({ onChanges: (changes) => change(changes), onResync: () => resync() }), [feed]);
}
