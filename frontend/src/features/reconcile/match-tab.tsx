import { useState } from 'react';
import { formatDecimal, isZero, magnitude, subtract, sum } from '@/lib/money';
import { ActForm } from './act-form';
import { Candidate } from './candidate';
import styles from './forms.module.css';
import { reasonWords } from './line-words';
import { planMatch, type MatchPlan } from './match-plan';
import { OpenEntries } from './open-entries';
import { refusedAt, type Line, type OpenLine, type Suggestion } from './outcome';
import { PickedEntries } from './picked-entries';
import { readPart } from './typed-part';
import { useDesk } from './use-desk';
import { useSending } from './use-sending';
import { mayWriteOff, noWriteOff, type WriteOffDraft } from './write-off';
import { WriteOffField } from './write-off-field';

const WRITE_OFF = 'writeOff.ledgerAccountId';

/** What of a plan a person reads before sending it. */
function PlanWords({ plan }: { plan: MatchPlan }) {
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

/** How much of each picked line a person wants to take. */
function useParts() {
  const { separators } = useDesk();
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const read = ({ id, open }: OpenLine) => readPart(typed[id] ?? '', open.amount, separators);
  return {
    typed,
    onType: (id: string, words: string) => setTyped((before) => ({ ...before, [id]: words })),
    partOf: (line: OpenLine) => read(line).part,
    problemOf: (line: OpenLine) => read(line).problem,
  };
}

const amountOf = ({ part, open }: { part?: string | undefined; open: string }) => part ?? open;

/** What the bank has more than the books when nothing is taken in part to make it even. */
const differenceOf = ({ bank, journal }: MatchPlan): string =>
  subtract(sum(bank.map(amountOf)), sum(journal.map(amountOf)));

function inputOf(plan: MatchPlan, bankLines: readonly Line[], writeOff: WriteOffDraft | null) {
  const take = (item: MatchPlan['bank'][number]) => (writeOff ? amountOf(item) : item.amount);
  return {
    bankItems: plan.bank.map((item) => ({
      bankTransactionId: item.id,
      expectedRevision: bankLines.find(({ id }) => id === item.id)?.revision ?? 0,
      amount: take(item),
    })),
    journalItems: plan.journal.map((item) => ({ journalLineId: item.id, amount: take(item) })),
    ...(writeOff?.account && { writeOff: { ledgerAccountId: writeOff.account.id } }),
  };
}

/** What is sent, how it adds up and what stands in its way. */
function useMatching(line: Line) {
  const { acts, marked, writeOffLimit } = useDesk();
  const { picks, has, toggle } = usePicks(line);
  const parts = useParts();
  const sending = useSending();
  const [draft, setDraft] = useState(noWriteOff);
  const [tried, setTried] = useState(false);
  const bankLines = marked.some(({ id }) => id === line.id) ? marked : [line];
  const plan = planMatch(
    bankLines.map(({ id, remainder }) => ({ id, open: remainder.amount })),
    picks.map((pick) => ({ id: pick.id, open: pick.open.amount, part: parts.partOf(pick) })),
  );
  const isPicked = picks.length > 0 || bankLines.length > 1;
  const left = differenceOf(plan);
  const offered = isPicked && mayWriteOff({ ...line.remainder, amount: left }, writeOffLimit);
  const writeOff = offered && draft.wanted ? draft : null;
  const unread = picks.some((pick) => parts.problemOf(pick) !== undefined);
  const whole = writeOff ? null : whyNot(plan, isPicked);
  const missing = writeOff && !writeOff.account ? 'Choose the account for the difference.' : undefined;
  const words = writeOff
    ? `Reconciled, ${formatDecimal(magnitude(left))} written off.`
    : plan.on === 'bank'
      ? 'Partly reconciled.'
      : 'Reconciled.';
  const submit = () => {
    setTried(true);
    if (missing) return;
    void sending.send(() => acts.match(inputOf(plan, bankLines, writeOff)), words);
  };
  return {
    ...sending,
    ...{ picks, has, parts, plan, bankLines, isPicked, submit, writeOff, offered, left, draft, setDraft },
    blocked: line.blockedReason ?? (unread ? 'One of the parts can’t be taken.' : whole),
    writeOffError: (tried ? missing : undefined) ?? refusedAt(sending.refusals, WRITE_OFF),
    pick: (lines: OpenLine[]) => {
      sending.clear();
      toggle(lines);
    },
  };
}

/** Brings one bank line, or all marked ones, together with open lines of the books. */
export function MatchTab({ line }: { line: Line }) {
  const matching = useMatching(line);
  const { picks, has, pick, parts, plan, bankLines, writeOff } = matching;
  const groups = line.suggestions.filter(({ kind }) => kind === 'MATCH');
  const single = groups.filter(({ journalItems }) => journalItems.length === 1).flatMap(linesOf);
  return (
    <ActForm
      label="Match"
      button="Reconcile"
      sending={matching.sending}
      refusals={matching.refusals.filter(({ field }) => field !== WRITE_OFF)}
      blocked={matching.blocked}
      balance={matching.isPicked && !writeOff && <PlanWords plan={plan} />}
      onSubmit={matching.submit}
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
      <PickedEntries picks={picks} planned={plan.journal} {...parts} />
      {matching.offered && (
        <WriteOffField
          left={matching.left}
          draft={matching.draft}
          onDraft={matching.setDraft}
          error={matching.writeOffError}
        />
      )}
    </ActForm>
  );
}
