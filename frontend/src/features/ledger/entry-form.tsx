import { Button, TextInput } from '@mantine/core';
import type { KeyboardEvent, SubmitEvent } from 'react';
import { formatDecimal, isNegative, isZero, magnitude } from '@/lib/money';
import {
  blankLine,
  foreignOf,
  isBlank,
  totalsOf,
  type EntryDraft,
  type LineDraft,
  type Manner,
  type RateDraft,
} from './entry-draft';
import styles from './entry-form.module.css';
import ledger from './ledger.module.css';
import { LineFields } from './line-fields';

interface FormPart {
  draft: EntryDraft;
  onDraft: (draft: EntryDraft) => void;
  manner: Manner;
}

function Head({ draft, onDraft }: Omit<FormPart, 'manner'>) {
  const field = (name: 'reference' | 'contact' | 'memo', label: string, maxLength: number) => (
    <TextInput
      size="xs"
      label={label}
      maxLength={maxLength}
      className={name === 'memo' ? (styles.wide ?? '') : ''}
      value={draft[name]}
      onChange={({ currentTarget }) => onDraft({ ...draft, [name]: currentTarget.value })}
    />
  );
  const date = (name: 'postedOn' | 'transactionOn', label: string) => (
    <TextInput
      type="date"
      size="xs"
      label={label}
      value={draft[name]}
      onChange={({ currentTarget }) => onDraft({ ...draft, [name]: currentTarget.value })}
    />
  );
  return (
    <div className={styles.head}>
      {date('postedOn', 'Post on')}
      {date('transactionOn', 'Transaction date')}
      {field('reference', 'Reference', 80)}
      {field('contact', 'Contact', 200)}
      {field('memo', 'Memo', 500)}
    </div>
  );
}

function Totals({ draft, manner }: Omit<FormPart, 'onDraft'>) {
  const { currency, debit, credit, difference, balanced } = totalsOf(draft, manner);
  const empty = isZero(debit) && isZero(credit);
  const words = `Difference ${formatDecimal(magnitude(difference))} ${currency}`;
  const side = isNegative(difference) ? 'credits' : 'debits';
  return (
    <div className={styles.totals}>
      <span className={styles.difference} data-balanced={empty ? undefined : balanced} role="status">
        {isZero(difference) || balanced ? words : `${words}: the ${side} are more`}
      </span>
      <span data-end="debit">{formatDecimal(debit)}</span>
      <span data-end="credit">{formatDecimal(credit)}</span>
    </div>
  );
}

function Lines({ draft, onDraft, manner }: FormPart) {
  const { lines } = draft;
  /** There is always an empty line to go on with. */
  const setLines = (next: LineDraft[]) => {
    const last = next.at(-1);
    const key = Math.max(0, ...next.map((line) => line.key)) + 1;
    onDraft({ ...draft, lines: last && isBlank(last) ? next : [...next, blankLine(key)] });
  };
  return (
    <div className={styles.lines} role="group" aria-label="Lines">
      <div className={styles.columns} aria-hidden>
        <span>Ledger account</span>
        <span>Memo</span>
        <span>Currency</span>
        <span data-end="debit">Debit</span>
        <span data-end="credit">Credit</span>
      </div>
      {lines.map((line, index) => (
        <LineFields
          key={line.key}
          line={line}
          place={index + 1}
          base={manner.base}
          onChange={(changed) => setLines(lines.map((other) => (other.key === line.key ? changed : other)))}
          onRemove={() => setLines(lines.filter((other) => other.key !== line.key))}
        />
      ))}
      <Totals draft={draft} manner={manner} />
    </div>
  );
}

function Rates({ draft, onDraft, manner }: FormPart) {
  const foreign = foreignOf(draft.lines, manner.base).filter((currency) => currency.length === 3);
  if (foreign.length === 0) return null;
  const set = (currency: string, part: Partial<RateDraft>) => {
    const known = draft.rates[currency] ?? { rate: '', rateOn: draft.postedOn };
    onDraft({ ...draft, rates: { ...draft.rates, [currency]: { ...known, ...part } } });
  };
  return (
    <div className={styles.rates}>
      {foreign.map((currency) => (
        <div key={currency} className={styles.rate} role="group" aria-label={`Rate of ${currency}`}>
          <TextInput
            size="xs"
            inputMode="decimal"
            label={`${manner.base} for 1 ${currency}`}
            value={draft.rates[currency]?.rate ?? ''}
            onChange={({ currentTarget }) => set(currency, { rate: currentTarget.value })}
          />
          <TextInput
            type="date"
            size="xs"
            label="Rate of"
            value={draft.rates[currency]?.rateOn ?? draft.postedOn}
            onChange={({ currentTarget }) => set(currency, { rateOn: currentTarget.value })}
          />
        </div>
      ))}
    </div>
  );
}

interface EntryFormProps extends FormPart {
  /** Why it can't be posted; empty when it can. */
  postingProblems: string[];
  draftProblems: string[];
  saving: boolean;
  /** What the server said. */
  refusal: string | null;
  onSave: (how: { post: boolean }) => void;
  onCancel: () => void;
}

/** A journal entry as it is typed: its dates and words, lines of debits and credits, and the running difference. */
export function EntryForm({
  postingProblems,
  draftProblems,
  saving,
  refusal,
  onSave,
  onCancel,
  ...part
}: EntryFormProps) {
  const mayPost = postingProblems.length === 0 && !saving;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (mayPost) onSave({ post: true });
  };
  // Enter would post from any field; here it takes Ctrl or ⌘ with it
  const byKeyboard = (event: KeyboardEvent) => {
    const inField = event.key === 'Enter' && event.target instanceof HTMLInputElement;
    if (!inField) return;
    if (!event.defaultPrevented) event.preventDefault();
    if ((event.ctrlKey || event.metaKey) && mayPost) onSave({ post: true });
  };
  return (
    <form className={styles.form} onSubmit={submit} onKeyDown={byKeyboard} noValidate>
      {refusal && (
        <p role="alert" className={ledger.problem}>
          {refusal}
        </p>
      )}
      <Head draft={part.draft} onDraft={part.onDraft} />
      <Lines {...part} />
      <Rates {...part} />
      <div className={styles.foot}>
        <p className={styles.why} id="why-not-posted">
          {postingProblems[0] ?? 'Balanced. Ctrl+Enter posts it.'}
        </p>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button
          variant="default"
          disabled={draftProblems.length > 0 || saving}
          onClick={() => onSave({ post: false })}
        >
          Save draft
        </Button>
        <Button type="submit" disabled={!mayPost} aria-describedby="why-not-posted">
          Post
        </Button>
      </div>
    </form>
  );
}
