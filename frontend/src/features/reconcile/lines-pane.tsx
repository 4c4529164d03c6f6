import { Button, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useState, type Ref } from 'react';
import { ErrorPanel, Panel } from '@/components/panel';
import { isNarrowed, TABS, type View } from './address';
import { BulkBar } from './bulk-bar';
import { LineList } from './line-list';
import styles from './reconcile.module.css';
import type { Counts } from './state-tabs';
import type { Work } from './use-work';

interface LinesPaneProps {
  view: View;
  onView: (view: View) => void;
  work: Work;
  counts: Counts | undefined;
  list: Ref<HTMLDivElement>;
  onTake: (id: string) => void;
  /** What stands in place of lines before the account has a start. */
  started: boolean;
}

const WAYS = [
  ['', 'All'],
  ['in', 'In'],
  ['out', 'Out'],
] as const;

function Finder({ view, onView }: Pick<LinesPaneProps, 'view' | 'onView'>) {
  const [typed, setTyped] = useState(view.search);
  const search = useDebouncedCallback((words: string) => onView({ ...view, search: words }), 250);
  return (
    <div className={styles.finder} role="search" aria-label="Find lines">
      <TextInput
        type="search"
        size="xs"
        className={styles.search}
        aria-label="Search lines"
        placeholder="Search lines"
        leftSection={<Search size={14} />}
        value={typed}
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value);
          search(currentTarget.value);
        }}
      />
      <div className={styles.way} role="group" aria-label="Money in or out">
        {WAYS.map(([way, words]) => (
          <button
            key={way}
            type="button"
            aria-pressed={view.way === way}
            onClick={() => onView({ ...view, way })}
          >
            {words}
          </button>
        ))}
      </div>
    </div>
  );
}

function Nothing({ view, onView, work, counts, started }: LinesPaneProps) {
  const { pages, lines } = work;
  if (pages.failure)
    return (
      <ErrorPanel
        title="Couldn’t load the lines."
        failure={pages.failure}
        onRetry={() => void pages.refetch()}
      />
    );
  if (pages.loading || lines.length > 0 || pages.hasMore) return null;
  if (isNarrowed(view))
    return (
      <Panel title="No lines match.">
        <Button size="xs" variant="default" onClick={() => onView({ ...view, search: '', way: '' })}>
          Clear filters
        </Button>
      </Panel>
    );
  if (!started)
    return (
      <Panel title="This account has no start yet.">
        <p>Say in Link Banks from which day on, and with which balance, it is kept in the books.</p>
      </Panel>
    );
  if (view.tab !== 'review') return <Panel title={`Nothing under “${TABS[view.tab].words}”.`} />;
  const of = counts ? counts.reconciled + counts.review + counts.toCheck + counts.undecided : 0;
  return (
    <Panel title="Nothing to review.">
      {counts && (
        <p>
          {counts.reconciled} of {of} reconciled{view.from || view.to ? ' in these days' : ''}.
        </p>
      )}
    </Panel>
  );
}

/** The left side: what there is to do, oldest first. */
export function LinesPane(props: LinesPaneProps) {
  const { view, onView, work, list, onTake } = props;
  return (
    <section
      className={styles.left}
      aria-label={TABS[view.tab].words}
      onMouseEnter={() => work.setPointed(true)}
      onMouseLeave={() => work.setPointed(false)}
    >
      <Finder view={view} onView={onView} />
      {work.waiting > 0 && (
        <Button size="compact-sm" variant="light" className={styles.waiting} onClick={work.settle}>
          {work.waiting === 1 ? '1 more line' : `${work.waiting} more lines`} · Show
        </Button>
      )}
      <LineList
        lines={work.lines}
        totalCount={work.pages.totalCount}
        inHand={work.line?.id ?? null}
        marked={work.markedIds}
        loading={work.pages.loading}
        fetching={work.pages.fetching}
        onTake={onTake}
        onMark={work.mark}
        onNearEnd={work.pages.loadMore}
        list={list}
      >
        <Nothing {...props} />
      </LineList>
      <BulkBar onClear={work.clearMarks} />
    </section>
  );
}
