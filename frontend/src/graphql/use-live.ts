import { createContext, use, useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import type { ChangeType } from './generated/operations';
import type { LiveFeed, LiveListener, LiveState } from './live-feed';

export const LiveContext = createContext<LiveFeed | null>(null);

const never = () => () => undefined;

/** Whether live updates arrive at this moment. */
export function useLiveState(): LiveState {
  const feed = use(LiveContext);
  return useSyncExternalStore(feed ? feed.onState : never, () => feed?.getState() ?? 'connecting');
}

/** Hears of changes while the component is shown. */
export function useLive({ types, onChanges, onResync }: LiveListener): void {
  const feed = use(LiveContext);
  const change = useEffectEvent((changes: Parameters<NonNullable<typeof onChanges>>[0]) =>
    onChanges?.(changes),
  );
  const resync = useEffectEvent(() => onResync?.());
  const wanted = types?.join() ?? '';
  useEffect(
    () =>
      feed?.listen({
        types: wanted === '' ? [] : (wanted.split(',') as ChangeType[]),
        onChanges: (changes) => change(changes),
        onResync: () => resync(),
      }),
    [feed, wanted],
  );
}
