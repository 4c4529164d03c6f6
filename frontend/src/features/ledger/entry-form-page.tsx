import { useDocumentTitle } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { Link, useLocation } from 'wouter';
import { ErrorPanel, Panel } from '@/components/panel';
import { useNotify } from '@/components/use-notify';
import { toFailure } from '@/graphql/errors';
import {
  BooksDocument,
  JournalEntryDocument,
  type BooksFieldsFragment,
  type EntryFieldsFragment,
} from '@/graphql/generated/operations';
import { useRefusal, useViewer } from '@/graphql/use-viewer';
import { todayIn } from '@/lib/dates';
import { separatorsOf } from '@/lib/typed-amount';
import { blankLine, draftOf, draftProblems, postingProblems, type EntryDraft } from './entry-draft';
import { EntryForm } from './entry-form';
import styles from './ledger.module.css';
import { useSaveEntry } from './use-save-entry';

function newDraft(today: string, { lastRates }: BooksFieldsFragment): EntryDraft {
  return {
    postedOn: today,
    transactionOn: '',
    reference: '',
    contact: '',
    memo: '',
    lines: [blankLine(0), blankLine(1)],
    rates: Object.fromEntries(lastRates.map(({ currency, rate, rateOn }) => [currency, { rate, rateOn }])),
  };
}

function Typing({
  books,
  entry,
  timeZone,
}: {
  books: BooksFieldsFragment;
  entry: EntryFieldsFragment | null;
  timeZone: string;
}) {
  const [, navigate] = useLocation();
  const notify = useNotify();
  const refusal = useRefusal('CODE');
  const manner = useMemo(
    () => ({ base: books.baseCurrency, separators: separatorsOf(navigator.language) }),
    [books.baseCurrency],
  );
  const [draft, setDraft] = useState(() =>
    entry ? draftOf(entry, manner) : newDraft(todayIn(timeZone), books),
  );
  const { save, saving, problem } = useSaveEntry(entry, manner);
  const keep = async ({ post }: { post: boolean }) => {
    const id = await save(draft, post);
    if (id === null) return;
    notify('done', post ? 'The entry is posted.' : 'The draft is kept.');
    navigate(`/ledger/entries/${id}`);
  };
  return (
    <EntryForm
      draft={draft}
      onDraft={setDraft}
      manner={manner}
      draftProblems={refusal ? [refusal] : draftProblems(draft, manner)}
      postingProblems={refusal ? [refusal] : postingProblems(draft, manner)}
      saving={saving}
      refusal={problem}
      onSave={(how) => void keep(how)}
      onCancel={() => navigate(entry ? `/ledger/entries/${entry.id}` : '/ledger/entries')}
    />
  );
}

/** Types a new journal entry, or goes on with a draft. */
export function EntryFormPage({ params: { id } }: { params: { id?: string } }) {
  const viewer = useViewer();
  const [books, readBooks] = useQuery({ query: BooksDocument, requestPolicy: 'cache-and-network' });
  const [entry, readEntry] = useQuery({
    query: JournalEntryDocument,
    variables: { id: id ?? '' },
    pause: id === undefined,
  });
  const title = id === undefined ? 'New journal entry' : 'Edit the draft';
  useDocumentTitle(`${title} · Counterfoil`);
  const error = books.error ?? entry.error;
  const found = entry.data?.journalEntry;
  const ready = books.data && viewer && (id === undefined || found);
  const retry = () => {
    readBooks({ requestPolicy: 'network-only' });
    if (id !== undefined) readEntry({ requestPolicy: 'network-only' });
  };
  return (
    <div className={`${styles.page ?? ''} ${styles.document ?? ''}`}>
      <header>
        <p className={styles.crumb}>
          <Link href="/ledger/entries">Journal entries</Link>
        </p>
        <h1 className={styles.title}>{title}</h1>
      </header>
      {error && !ready && (
        <ErrorPanel title="Couldn’t open the form." failure={toFailure(error)} onRetry={retry} />
      )}
      {found?.entryState === 'POSTED' ? (
        <Panel title="This entry is posted. Reverse it instead of changing it.">
          <Link href={`/ledger/entries/${found.id}`}>Go to the entry</Link>
        </Panel>
      ) : (
        ready &&
        books.data && (
          <Typing books={books.data.books} entry={found ?? null} timeZone={viewer.organization.timeZone} />
        )
      )}
    </div>
  );
}
