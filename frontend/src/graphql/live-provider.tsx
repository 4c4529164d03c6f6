import { useEffect, useState, type ReactNode } from 'react';
import { useClient } from 'urql';
import { LiveFeed } from './live-feed';
import { LiveContext } from './use-live';

/** Opens the tab's one live feed. `head` is the cursor that was read before anything was shown. */
export function LiveProvider({ head, children }: { head: string; children: ReactNode }) {
  const client = useClient();
  const [feed] = useState(() => new LiveFeed(client, head));
  useEffect(() => feed.start(), [feed]);
  return <LiveContext value={feed}>{children}</LiveContext>;
}
