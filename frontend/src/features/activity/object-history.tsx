import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { ErrorPanel } from '@/components/panel';
import { AuditEventsDocument } from '@/graphql/generated/operations';
import { usePages } from '@/graphql/use-pages';
import styles from './activity.module.css';
import { EventList } from './event-list';
import { selectEvents } from './select-events';
import { useLiveEvents } from './use-live-events';

/** All that was done to these objects, newest first: an entry, and the acts that made it and took it back. */
export function ObjectHistory({ objectIds }: { objectIds: string[] }) {
  const ids = objectIds.join();
  const variables = useMemo(
    () => ({ first: 20, where: { objectId: { in: ids.split(',') } }, search: null }),
    [ids],
  );
  const pages = usePages(AuditEventsDocument, variables, selectEvents);
  useLiveEvents(pages.refetch);
  return (
    <section className={styles.history}>
      <h2>History</h2>
      {pages.failure && (
        <ErrorPanel
          title="Couldn’t load the history."
          failure={pages.failure}
          onRetry={() => void pages.refetch()}
        />
      )}
      {!pages.loading && !pages.failure && pages.rows.length === 0 && (
        <p className={styles.muted}>Nothing was written down yet.</p>
      )}
      <EventList label="History" events={pages.rows} showsObject={false} />
      {pages.hasMore && (
        <Button size="xs" variant="default" loading={pages.fetching} onClick={pages.loadMore}>
          Older
        </Button>
      )}
    </section>
  );
}
