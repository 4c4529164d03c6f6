import { Button, NativeSelect } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useMemo, useRef } from 'react';
import { DateField } from '@/components/date-field';
import { ErrorPanel, Panel } from '@/components/panel';
import { SearchField } from '@/components/search-field';
import { AuditEventsDocument } from '@/graphql/generated/operations';
import { usePages } from '@/graphql/use-pages';
import { useViewer } from '@/graphql/use-viewer';
import { useAddress } from '@/lib/use-address';
import { toVariables, type ActivityFilter } from './activity-filter';
import styles from './activity.module.css';
import { EventList } from './event-list';
import { OBJECT_TYPES, toWords } from './event-words';
import { selectEvents } from './select-events';
import { useLiveEvents } from './use-live-events';

const TYPE_CHOICES = Object.entries(OBJECT_TYPES).map(([value, words]) => ({ value, label: toWords(words) }));

interface BarProps {
  filter: ActivityFilter;
  show: (next: Partial<ActivityFilter>) => void;
}

function Bar({ filter, show }: BarProps) {
  const searchField = useRef<HTMLInputElement>(null);
  return (
    <div className={styles.bar} role="search" aria-label="Find events">
      <SearchField
        label="Search what was done"
        value={filter.q}
        onSearch={(q) => show({ q })}
        field={searchField}
      />
      <NativeSelect
        size="xs"
        aria-label="By"
        value={filter.by}
        onChange={({ currentTarget }) => show({ by: currentTarget.value })}
        data={[
          { value: '', label: 'By anybody' },
          { value: 'me', label: 'By me' },
          { value: 'product', label: 'By Counterfoil itself' },
        ]}
      />
      <NativeSelect
        size="xs"
        aria-label="About"
        value={filter.about}
        onChange={({ currentTarget }) => show({ about: currentTarget.value })}
        data={[{ value: '', label: 'About anything' }, ...TYPE_CHOICES]}
      />
      <DateField label="From" value={filter.from} onChange={(from) => show({ from })} />
      <DateField label="To" value={filter.to} onChange={(to) => show({ to })} />
      {filter.object && (
        <Button size="compact-xs" variant="subtle" onClick={() => show({ object: '' })}>
          All objects
        </Button>
      )}
    </div>
  );
}

/** What was done in this organization, by whom and when; the log only ever grows. */
export function ActivityPage() {
  useDocumentTitle('Activity · Counterfoil');
  const userId = useViewer()?.user?.id;
  const [filter, show] = useAddress(['q', 'by', 'about', 'object', 'from', 'to']);
  const variables = useMemo(() => toVariables(filter, userId), [filter, userId]);
  const pages = usePages(AuditEventsDocument, variables, selectEvents);
  useLiveEvents(pages.refetch);
  const narrowed = Object.values(filter).some(Boolean);
  return (
    <div className={styles.page}>
      <div className={styles.heading}>
        <h1>Activity</h1>
        {pages.totalCount !== null && <span className={styles.muted}>{pages.totalCount} events</span>}
      </div>
      <Bar filter={filter} show={show} />
      {pages.failure && (
        <ErrorPanel
          title="Couldn’t load the activity."
          failure={pages.failure}
          onRetry={() => void pages.refetch()}
        />
      )}
      {pages.loading && <Panel title="Reading…" />}
      {!pages.loading && !pages.failure && !pages.fetching && pages.rows.length === 0 && (
        <Panel title={narrowed ? 'Nothing matches.' : 'Nothing has been done yet.'} />
      )}
      {pages.rows.length > 0 && <EventList label="Activity" events={pages.rows} />}
      {pages.hasMore && (
        <Button
          className={styles.older ?? ''}
          variant="default"
          size="xs"
          loading={pages.fetching}
          onClick={pages.loadMore}
        >
          Older
        </Button>
      )}
    </div>
  );
}
