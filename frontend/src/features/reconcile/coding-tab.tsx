import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { digitsOf, formatDecimal, isZero } from '@/lib/money';
import { convert } from '@/lib/rates';
import { ActForm } from './act-form';
import { problemsOf, readRate, spread, toCodingLines, rowsOf, type CodingDraft } from './coding-draft';
import { CodingRows } from './coding-rows';
import { DuplicateQuestion } from './duplicate-question';
import styles from './forms.module.css';
import { proposalWords, reasonWords } from './line-words';
import { refusedAt, type Line, type OpenLine, type Suggestion } from './outcome';
import { Proposal } from './proposal';
import { useDesk } from './use-desk';
import { useSending } from './use-sending';

interface CodingTabProps {
  line: Line;
  draft: CodingDraft;
  onDraft: (draft: CodingDraft) => void;
  split: boolean;
}

const FIELDS = /^(lines|rates|memo|reference|contact)/;

function Texts({
  draft,
  onDraft,
  problemAt,
}: Pick<CodingTabProps, 'draft' | 'onDraft'> & { problemAt: (field: string) => string | undefined }) {
  const field = (name: 'memo' | 'reference' | 'contact', label: string) => (
    <TextInput
      label={label}
      value={draft[name]}
      error={problemAt(name)}
      onChange={({ currentTarget }) => onDraft({ ...draft, [name]: currentTarget.value })}
    />
  );
  return (
    <div className={styles.texts}>
      {field('memo', 'Memo')}
      {field('reference', 'Reference')}
      {field('contact', 'Contact')}
    </div>
  );
}

/** The rate of a foreign line: base units for one unit, and what the line is in base. */
function RateField({
  line,
  draft,
  onDraft,
  error,
}: Omit<CodingTabProps, 'split'> & { error: string | undefined }) {
  const { baseCurrency } = useDesk();
  const { amount, currency } = line.remainder;
  const rate = readRate(draft.rate);
  return (
    <TextInput
      label={`Rate: ${baseCurrency} for 1 ${currency}`}
      inputMode="decimal"
      maw={220}
      value={draft.rate}
      error={error}
      description={
        rate === null
          ? 'It is kept with the entry.'
          : `${formatDecimal(convert(amount, rate, digitsOf(amount)))} ${baseCurrency}`
      }
      onChange={({ currentTarget }) => onDraft({ ...draft, rate: currentTarget.value })}
    />
  );
}

/** Codings that were suggested but not sure enough to be filled in. */
function Suggested({ line, onUse }: { line: Line; onUse: (suggestion: Suggestion) => void }) {
  const proposals = line.suggestions.filter(({ coding }) => coding);
  if (proposals.length === 0) return null;
  return (
    <ul className={styles.candidates} aria-label="Suggested">
      {proposals.map((one, index) => (
        <Proposal
          key={one.id}
          number={index + 1}
          words={proposalWords(one)}
          reasons={reasonWords(one)}
          score={one.score}
          onUse={() => onUse(one)}
        />
      ))}
    </ul>
  );
}

/** What is sent, and what else can come of it: a possible duplicate, or a coding kept for a pending line. */
function useBooking({ line, draft, split }: CodingTabProps) {
  const { acts, separators, baseCurrency } = useDesk();
  const sending = useSending();
  const [tried, setTried] = useState(false);
  const total = line.remainder.amount;
  const foreign = line.amount.currency !== baseCurrency;
  const problems = problemsOf(draft, total, separators, foreign && line.bookable);
  const lines = toCodingLines(draft.rows, total, separators);
  const target = { bankTransactionId: line.id, expectedRevision: line.revision };
  const book = (duplicateReason: string | null) => {
    const rates = foreign
      ? [
          {
            currency: line.amount.currency,
            rate: readRate(draft.rate) ?? '',
            rateOn: line.postedOn ?? line.datedOn,
          },
        ]
      : [];
    const texts = {
      memo: draft.memo.trim() || null,
      reference: draft.reference.trim() || null,
      contact: draft.contact.trim() || null,
    };
    const input = { ...target, lines, ...texts, rates, duplicateReason };
    void sending.send(() => acts.book(input), split ? 'Split and reconciled.' : 'Reconciled.');
  };
  const prepare = () => {
    const coding = { memo: draft.memo.trim() || null, lines };
    void sending.send(() => acts.annotate({ ...target, coding }), 'Kept for when it posts.');
  };
  const match = ({ id }: OpenLine) => {
    const items = {
      bankItems: [{ ...target, amount: null }],
      journalItems: [{ journalLineId: id, amount: null }],
    };
    void sending.send(() => acts.match(items), 'Reconciled.');
  };
  const attempt = (act: () => void) => {
    setTried(true);
    if (Object.keys(problems).length === 0) act();
  };
  const problemAt = (field: string) =>
    (tried ? problems[field] : undefined) ?? refusedAt(sending.refusals, field);
  return {
    ...sending,
    problems,
    problemAt,
    foreign,
    match,
    book: (reason: string | null) => attempt(() => book(reason)),
    prepare: () => attempt(prepare),
  };
}

/** Makes an entry of the line: to one ledger account, or split over several. */
export function CodingTab({ line, draft, onDraft, split }: CodingTabProps) {
  const { separators } = useDesk();
  const booking = useBooking({ line, draft, onDraft, split });
  const { refusals, problemAt, sending } = booking;
  const total = line.remainder.amount;
  const { left } = spread(draft.rows, total, separators);
  const duplicates = refusals.flatMap((refusal) => refusal.duplicates);
  const elsewhere = refusals.filter(
    ({ field, duplicates: found }) => !FIELDS.test(field) && found.length === 0,
  );
  const use = ({ coding }: Suggestion) => {
    if (coding)
      onDraft({ ...draft, rows: rowsOf(coding.lines, total, separators), memo: coding.memo ?? draft.memo });
  };
  return (
    <ActForm
      label={split ? 'Split' : 'New entry'}
      button={line.pending ? 'Keep for later' : 'Reconcile'}
      sending={sending}
      refusals={elsewhere}
      blocked={line.pending ? null : line.blockedReason}
      balance={
        <>
          remaining <strong data-open={!isZero(left)}>{formatDecimal(left)}</strong>
          {problemAt('lines') && <span className={styles.blocked}>{problemAt('lines')}</span>}
        </>
      }
      onSubmit={() => (line.pending ? booking.prepare() : booking.book(null))}
    >
      {line.pending && (
        <p className={styles.note}>{line.blockedReason} What you enter here is proposed when it posts.</p>
      )}
      <Suggested line={line} onUse={use} />
      <CodingRows
        rows={draft.rows}
        total={total}
        onRows={(rows) => onDraft({ ...draft, rows })}
        problemAt={problemAt}
        path="lines"
        split={split}
      />
      {booking.foreign && !line.pending && (
        <RateField {...{ line, draft, onDraft }} error={problemAt('rates') ?? problemAt('rates.0.rate')} />
      )}
      <Texts {...{ draft, onDraft, problemAt }} />
      {duplicates.length > 0 && (
        <DuplicateQuestion
          candidates={duplicates}
          sending={sending}
          onMatch={booking.match}
          onAnyway={booking.book}
        />
      )}
    </ActForm>
  );
}
