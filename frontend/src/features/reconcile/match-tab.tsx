import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { ErrorPanel } from '@/components/panel';
import { toFailure } from '@/graphql/errors';
import { OpenJournalLinesDocument } from '@/graphql/generated/operations';
import { formatDecimal, isZero } from '@/lib/money';
import { ActForm } from './act-form';
import { Candidate } from './candidate';
import styles from './forms.module.css';
import { entryName, entryWords, reasonWords } from './line-words';
import { planMatch, type MatchPlan } from './match-plan';
import type { Line, OpenLine, Suggestion } from './outcome';
import { useDesk } from './use-desk';
import { useSending } from './use-sending';

const SHOWN = 40;

/** What of a plan a person reads before sending it. */
function PlanWords({ plan, picked }: { plan: MatchPlan; picked: boolean }) {
  if (!picked) return null;
  return (
    <>
      Takes <strong>{formatDecimal(plan.taken)}</strong>, remaining{' '}
      <strong data-open={!isZero(plan.left)}>{formatDecimal(plan.left)}</strong>
      {plan.possible && plan.on === 'bank' && ' of the bank line stays open'}
      {plan.possible && plan.on === 'journal' && ' of the entry stays open'}
    </>
  );
}

function whyNot(plan: MatchPlan, picked: boolean): string | null {
  if (!picked) return 'Pick what this line pays.';
  return plan.possible ? null : 'These do not add up, and no one part of them makes it so.';
}

const linesOf = ({ journalItems }: Suggestion): OpenLine[] =>
  journalItems.map(({ journalLine }) => journalLine);

/** What is picked, in the order of picking; a suggestion picks all of its lines at once. */
function usePicks(line: Line) {
  const sure = line.suggestions.find(({ kind, preselect }) => kind === 'MATCH' && preselect);
  const [picks, setPicks] = useState<OpenLine[]>(() => (sure ? linesOf(sure) : []));
  const has = (lines: OpenLine[]) => lines.every(({ id }) => picks.some((pick) => pick.id === id));
  const toggle = (lines: OpenLine[]) =>
    setPicks((before) => {
      const rest = before.filter(({ id }) => !lines.some((one) => one.id === id));
      return has(lines) ? rest : [...rest, ...lines];
    });
  return { picks, has, toggle };
}

interface PickingProps {
  /** How many candidates stand above. */
  above: number;
  /** Lines that are suggested above already. */
  without: ReadonlySet<string>;
  has: (lines: OpenLine[]) => boolean;
  onPick: (lines: OpenLine[]) => void;
}

/** Everything that is open in the books on this account, found by words. */
function OpenEntries({ above, without, has, onPick }: PickingProps) {
  const { bankAccountId } = useDesk();
  const [search, setSearch] = useState('');
  const [settled] = useDebouncedValue(search.trim(), 200);
  const [{ data, fetching, error }, read] = useQuery({
    query: OpenJournalLinesDocument,
    variables: { bankAccountId, search: settled || null, first: SHOWN },
    requestPolicy: 'cache-and-network',
  });
  const found = data?.openJournalLines;
  const others = (found?.nodes ?? []).filter(({ id }) => !without.has(id));
  const none = search ? 'No open entry matches these words.' : 'No other entry is open on this account.';
  return (
    <>
      <TextInput
        size="xs"
        type="search"
        leftSection={<Search size={14} />}
        aria-label="Search open entries"
        placeholder="Search open entries by number or words"
        value={search}
        onChange={({ currentTarget }) => setSearch(currentTarget.value)}
      />
      {error && (
        <ErrorPanel
          title="Couldn’t load open entries."
          failure={toFailure(error)}
          onRetry={() => read({ requestPolicy: 'network-only' })}
        />
      )}
      {!error && found && others.length === 0 && <p className={styles.note}>{none}</p>}
      {fetching && !found && <p className={styles.note}>Reading the open entries…</p>}
      <ul className={styles.candidates} aria-label="Open entries">
        {others.map((one, index) => (
          <Candidate
            key={one.id}
            number={above + index + 1}
            picked={has([one])}
            onPick={() => onPick([one])}
            lines={[one]}
            label={`${entryName(one)} ${entryWords(one)}`}
          />
        ))}
      </ul>
    </>
  );
}

const inputOf = (plan: MatchPlan, bankLines: readonly Line[]) => ({
  bankItems: plan.bank.map(({ id, amount }) => ({
    bankTransactionId: id,
    expectedRevision: bankLines.find((one) => one.id === id)?.revision ?? 0,
    amount,
  })),
  journalItems: plan.journal.map(({ id, amount }) => ({ journalLineId: id, amount })),
});

/** Brings one bank line, or all marked ones, together with open lines of the books. */
export function MatchTab({ line }: { line: Line }) {
  const { acts, marked } = useDesk();
  const { picks, has, toggle } = usePicks(line);
  const { sending, refusals, send, clear } = useSending();
  const bankLines = marked.some(({ id }) => id === line.id) ? marked : [line];
  const plan = planMatch(
    bankLines.map(({ id, remainder }) => ({ id, open: remainder.amount })),
    picks.map(({ id, open }) => ({ id, open: open.amount })),
  );
  const groups = line.suggestions.filter(({ kind }) => kind === 'MATCH');
  const single = groups.filter(({ journalItems }) => journalItems.length === 1).flatMap(linesOf);
  const isPicked = picks.length > 0 || bankLines.length > 1;
  const pick = (lines: OpenLine[]) => {
    clear();
    toggle(lines);
  };
  const words = plan.on === 'bank' ? 'Partly reconciled.' : 'Reconciled.';
  return (
    <ActForm
      label="Match"
      button="Reconcile"
      sending={sending}
      refusals={refusals}
      blocked={line.blockedReason ?? whyNot(plan, isPicked)}
      balance={<PlanWords plan={plan} picked={isPicked} />}
      onSubmit={() => void send(() => acts.match(inputOf(plan, bankLines)), words)}
    >
      {bankLines.length > 1 && <p className={styles.note}>{bankLines.length} marked bank lines together.</p>}
      <ul className={styles.candidates} aria-label="Suggested">
        {groups.map((group, index) => (
          <Candidate
            key={group.id}
            number={index + 1}
            picked={has(linesOf(group))}
            onPick={() => pick(linesOf(group))}
            lines={linesOf(group)}
            reasons={reasonWords(group)}
            score={group.score}
          />
        ))}
      </ul>
      <OpenEntries
        above={groups.length}
        without={new Set(single.map(({ id }) => id))}
        has={has}
        onPick={pick}
      />
    </ActForm>
  );
}
