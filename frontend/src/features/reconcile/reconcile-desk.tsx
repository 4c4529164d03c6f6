import { useMemo, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { Panel } from '@/components/panel';
import {
  LineInHandDocument,
  ReconcileBooksDocument,
  ReconciliationDocument,
} from '@/graphql/generated/operations';
import { useLive } from '@/graphql/use-live';
import { separatorsOf } from '@/lib/typed-amount';
import type { ReconcileAccount } from './account-chooser';
import type { View } from './address';
import { DeskHeader } from './desk-header';
import { ExcludeDialog } from './exclude-dialog';
import { HistoryDrawer } from './history-drawer';
import { KeyboardHelp } from './keyboard-help';
import { LinePane } from './line-pane';
import { LinesPane } from './lines-pane';
import type { Line } from './outcome';
import styles from './reconcile.module.css';
import { StateTabs } from './state-tabs';
import { UndoDialog } from './undo-dialog';
import { useActs } from './use-acts';
import { DeskContext, type Desk, type Mode } from './use-desk';
import { useDeskKeys } from './use-desk-keys';
import { useFinish } from './use-finish';
import { useWork, type Work } from './use-work';

interface ReconcileDeskProps {
  account: ReconcileAccount;
  accounts: readonly ReconcileAccount[];
  view: View;
  onView: (view: View) => void;
  onAccount: (id: string) => void;
}

/** What lies over the desk. */
type Over = { undo: string } | { exclude: readonly Line[] } | 'history' | 'help' | null;

function useCounts(bankAccountId: string, { from, to }: View) {
  const variables = { bankAccountId, from: from || null, to: to || null };
  const [{ data }, read] = useQuery({
    query: ReconciliationDocument,
    variables,
    requestPolicy: 'cache-and-network',
  });
  return { reconciliation: data?.reconciliation, readCounts: () => read({ requestPolicy: 'network-only' }) };
}

/** The line in hand as it is now, its suggestions too; the list's own copy until that is read. */
function useLineInHand(work: Work): Line | null {
  const id = work.line?.id ?? '';
  const [{ data }] = useQuery({
    query: LineInHandDocument,
    variables: { id },
    pause: id === '',
    requestPolicy: 'cache-and-network',
  });
  const read = data?.bankTransaction;
  return read?.id === id ? read : work.line;
}

function useBooks() {
  const [{ data }] = useQuery({ query: ReconcileBooksDocument });
  return useMemo(() => {
    const rates = (data?.books.lastRates ?? []).map(({ currency, rate }) => [currency, rate] as const);
    return (
      data && {
        baseCurrency: data.books.baseCurrency,
        writeOffLimit: data.books.writeOffLimit,
        rates: new Map(rates),
      }
    );
  }, [data]);
}

/** Repaints what others do, and reads the list again when nobody works on it. */
function useOthersWork(work: Work, readCounts: () => void) {
  useLive({
    types: ['BANK_TRANSACTION'],
    onChanges: (changes) => {
      const pulled = changes.some(({ node }) => node?.__typename === 'Refresh' && node.state === 'DONE');
      const touched = changes.some(({ type }) => type === 'BANK_TRANSACTION' || type === 'ACT');
      if (!pulled && !touched) return;
      readCounts();
      work.readSoon();
    },
    onResync: () => {
      readCounts();
      work.readSoon();
    },
  });
}

const NO_BOOKS = {
  baseCurrency: '',
  writeOffLimit: { amount: '0', currency: '' },
  rates: new Map<string, string>(),
};

/** What lies on the desk: the line in hand, the way chosen for it, and what lies over it. */
function useDeskState({ account, view }: Pick<ReconcileDeskProps, 'account' | 'view'>) {
  const acts = useActs();
  const work = useWork(account.id, view);
  const line = useLineInHand(work);
  const books = useBooks();
  const { reconciliation, readCounts } = useCounts(account.id, view);
  const [over, setOver] = useState<Over>(null);
  const [chosen, setChosen] = useState<{ id: string; mode: Mode } | null>(null);
  const [opened, setOpened] = useState(false);
  const [separators] = useState(() => separatorsOf(navigator.language));
  const list = useRef<HTMLDivElement>(null);
  const pane = useRef<HTMLElement>(null);
  const focusList = () => {
    setOpened(false);
    list.current?.focus();
  };
  const { finish, undoLast } = useFinish({ bankAccountId: account.id, view, work, acts, focusList });
  useOthersWork(work, readCounts);
  const desk: Desk = {
    ...(books ?? NO_BOOKS),
    ...{
      bankAccountId: account.id,
      accountName: account.name,
      separators,
      acts,
      finish,
      marked: work.marked,
    },
    openUndo: (actId) => setOver({ undo: actId }),
    openExclude: (lines) => setOver({ exclude: lines }),
  };
  const onMode = (mode: Mode) => line && setChosen({ id: line.id, mode });
  useDeskKeys({
    move: work.step,
    mark: () => line && work.mark(line.id, false),
    mode: onMode,
    exclude: () => line?.bookable && setOver({ exclude: work.marked.length > 0 ? work.marked : [line] }),
    toCheck: () => pane.current?.querySelector<HTMLElement>('[data-to-check]')?.click(),
    undo: undoLast,
    back: () => {
      if (document.activeElement === list.current) work.clearMarks();
      focusList();
    },
    help: () => setOver('help'),
    pane: () => pane.current,
  });
  const mode = chosen !== null && chosen.id === line?.id ? chosen.mode : null;
  return {
    work,
    line,
    ready: books !== undefined,
    reconciliation,
    over,
    setOver,
    mode,
    onMode,
    opened,
    setOpened,
    list,
    pane,
    focusList,
    desk,
  };
}

/** The two panes: the lines on the left, the one in hand on the right. */
export function ReconcileDesk({ account, accounts, view, onView, onAccount }: ReconcileDeskProps) {
  const state = useDeskState({ account, view });
  const { work, line, reconciliation, setOver, opened, list } = state;
  const take = (id: string) => {
    work.take(id);
    state.setOpened(true);
  };
  return (
    <DeskContext value={state.desk}>
      <div className={styles.page} data-opened={opened}>
        <DeskHeader
          {...{ account, accounts, view, reconciliation, onView, onAccount }}
          onHistory={() => setOver('history')}
          onHelp={() => setOver('help')}
        />
        <StateTabs tab={view.tab} counts={reconciliation?.counts} onTab={(tab) => onView({ ...view, tab })} />
        <div
          className={styles.panes}
          onFocus={() => work.setFocused(true)}
          onBlur={({ currentTarget, relatedTarget }) =>
            work.setFocused(currentTarget.contains(relatedTarget))
          }
        >
          <LinesPane
            {...{ view, onView, work, list }}
            counts={reconciliation?.counts}
            started={account.startOn !== null}
            onTake={take}
          />
          {line && state.ready ? (
            <LinePane
              key={line.id}
              line={line}
              chosen={state.mode}
              onMode={state.onMode}
              onBack={state.focusList}
              pane={state.pane}
            />
          ) : (
            <Panel title={work.pages.loading ? 'Reading…' : 'No line in hand.'} />
          )}
        </div>
      </div>
      <Overlays over={state.over} onOver={setOver} />
    </DeskContext>
  );
}

function Overlays({ over, onOver }: { over: Over; onOver: (over: Over) => void }) {
  const close = () => onOver(null);
  if (over === null) return null;
  if (over === 'history') return <HistoryDrawer onClose={close} />;
  if (over === 'help') return <KeyboardHelp onClose={close} />;
  if ('undo' in over) return <UndoDialog actId={over.undo} onClose={close} />;
  return <ExcludeDialog lines={over.exclude} onClose={close} />;
}
