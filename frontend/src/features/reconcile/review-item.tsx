import { useEffect, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { Moment } from '@/components/moment';
import { LineInHandDocument, type LineInHandQuery } from '@/graphql/generated/operations';
import { formatDate } from '@/lib/dates';
import { isZero } from '@/lib/money';
import { Amount } from './amount';
import { AcceptForm, AdjustForm, KeepForm, RebookForm } from './decision-forms';
import { choicesFor, type Choice, type ChoiceWords } from './decision-words';
import { DuplicateForm } from './duplicate-form';
import forms from './forms.module.css';
import styles from './line-pane.module.css';
import type { Line } from './outcome';
import { Matches } from './settled-line';
import { useDesk } from './use-desk';

type Match = NonNullable<LineInHandQuery['bankTransaction']>['matches'][number];

/** What the bank says now, beside what was booked. */
function WhatChanged({ line }: { line: Line }) {
  const { reviewItem } = line;
  if (reviewItem?.kind === 'WITHDRAWN')
    return <p className={styles.matchHead}>The bank withdrew this line.</p>;
  return (
    <>
      <p className={styles.matchHead}>The bank changed this line.</p>
      <dl className={styles.changes}>
        {reviewItem?.reportedAmount && reviewItem.reportedAmount.amount !== line.amount.amount && (
          <>
            <dt>Amount</dt>
            <dd>
              <Amount of={line.amount} signed /> → <Amount of={reviewItem.reportedAmount} signed />
            </dd>
          </>
        )}
        {reviewItem?.difference && !isZero(reviewItem.difference.amount) && (
          <>
            <dt>Difference</dt>
            <dd>
              <Amount of={reviewItem.difference} signed />
            </dd>
          </>
        )}
        {reviewItem?.reportedOn && reviewItem.reportedOn !== line.datedOn && (
          <>
            <dt>Date</dt>
            <dd>
              {formatDate(line.datedOn)} → {formatDate(reviewItem.reportedOn)}
            </dd>
          </>
        )}
      </dl>
    </>
  );
}

interface ChoiceButtonProps {
  words: ChoiceWords;
  /** The key that takes it. */
  number: number;
  chosen: boolean;
  blocked: boolean;
  onChoose: () => void;
}

/** One way to decide, with what it will do. */
function ChoiceButton({ words, number, chosen, blocked, onChoose }: ChoiceButtonProps) {
  return (
    <li>
      <button
        type="button"
        className={forms.candidate}
        data-candidate={number}
        data-picked={chosen}
        aria-pressed={words.choice === 'unmatch' ? undefined : chosen}
        aria-label={words.title}
        aria-description={words.text}
        disabled={blocked}
        onClick={onChoose}
      >
        <span className={forms.key} aria-hidden>
          {number}
        </span>
        <span className={forms.entries}>
          <span>{words.title}</span>
          <span className={forms.reasons}>{words.text}</span>
        </span>
      </button>
    </li>
  );
}

/** The form of the way that was chosen; what one types into comes to hand at once. */
function ChosenForm({ choice, line, match }: { choice: Choice; line: Line; match: Match | undefined }) {
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => form.current?.querySelector('input')?.focus(), []);
  return (
    <div ref={form}>
      {choice === 'accept' && <AcceptForm line={line} />}
      {choice === 'adjust' && <AdjustForm line={line} />}
      {choice === 'rebook' && <RebookForm key={match?.id} line={line} match={match} />}
      {choice === 'duplicate' && <DuplicateForm line={line} />}
      {choice === 'keep' && <KeepForm line={line} />}
    </div>
  );
}

/** A line that the bank changed or withdrew after it was booked: a person decides. */
export function ReviewItem({ line }: { line: Line }) {
  const { openUndo } = useDesk();
  const [chosen, setChosen] = useState<Choice | null>(null);
  const [{ data }] = useQuery({ query: LineInHandDocument, variables: { id: line.id } });
  const match = data?.bankTransaction?.matches[0];
  const item = line.reviewItem;
  const choose = (choice: Choice) => {
    if (choice !== 'unmatch') setChosen(choice);
    else if (match) openUndo(match.act.id);
  };
  return (
    <>
      <section className={styles.match} aria-label="Decision">
        <WhatChanged line={line} />
        {item && (
          <p className={styles.bankText}>
            Noticed <Moment at={item.raisedAt} />. Until you decide, the match stands.
          </p>
        )}
        <ul className={forms.candidates} aria-label="Ways to decide">
          {choicesFor(line).map((words, index) => (
            <ChoiceButton
              key={words.choice}
              words={words}
              number={index + 1}
              chosen={words.choice === chosen}
              blocked={words.choice === 'unmatch' && !match}
              onChoose={() => choose(words.choice)}
            />
          ))}
        </ul>
      </section>
      {chosen && <ChosenForm key={chosen} {...{ choice: chosen, line, match }} />}
      <Matches line={line} />
    </>
  );
}
