import { Button, Group } from '@mantine/core';
import { CircleHelp } from 'lucide-react';
import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { Moment } from '@/components/moment';
import { useNotify } from '@/components/use-notify';
import { toFailure } from '@/graphql/errors';
import {
  AccountQuestionsDocument,
  AnswerAccountQuestionDocument,
  type AccountQuestionsQuery,
} from '@/graphql/generated/operations';
import { useLive } from '@/graphql/use-live';
import styles from './account-questions.module.css';
import { fullName, typeWords } from './account-words';
import { editBlocked } from './permissions';

type Question = AccountQuestionsQuery['accountQuestions']['nodes'][number];
type Newcomer = NonNullable<Question['bankAccount']>;
type Former = Question['candidates'][number];

/** What is known of an account that was here before. */
function FormerFacts({ former }: { former: Former }) {
  const { memo, type, currency, deletedAt } = former;
  return (
    <span>
      <strong>{fullName(former)}</strong>
      <span className={styles.facts}>
        {typeWords(type)}, {currency}
        {deletedAt && (
          <>
            , deleted <Moment at={deletedAt} as="stamp" />
          </>
        )}
        {memo && `, “${memo}”`}
      </span>
    </span>
  );
}

function useAnswer(question: Question, newcomer: Newcomer) {
  const [, send] = useMutation(AnswerAccountQuestionDocument);
  const notify = useNotify();
  const [sending, setSending] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const answer = async (former: Former | null) => {
    setSending(former?.id ?? 'other');
    setProblem(null);
    const { data, error } = await send({ input: { questionId: question.id, sameAs: former?.id ?? null } });
    const met = error ? toFailure(error).message : data?.answerAccountQuestion.errors[0]?.message;
    if (met === undefined)
      notify(
        'done',
        former
          ? `${fullName(former)} is back, with what was reconciled.`
          : `${fullName(newcomer)} is an account of its own.`,
      );
    setProblem(met ?? null);
    setSending(null);
  };
  return { answer, sending, problem };
}

function QuestionItem({ question, newcomer }: { question: Question; newcomer: Newcomer }) {
  const { answer, sending, problem } = useAnswer(question, newcomer);
  const { candidates } = question;
  const [only] = candidates;
  const blocked = editBlocked(newcomer);
  const title =
    candidates.length === 1 && only
      ? `Is this ${fullName(only)} that you had before?`
      : `Is ${fullName(newcomer)} an account that you had before?`;
  return (
    <li className={styles.question}>
      <p className={styles.title}>
        <CircleHelp size={16} aria-hidden /> {title}
      </p>
      <p className={styles.facts}>
        New: <strong>{fullName(newcomer)}</strong>
        {newcomer.institution && ` of ${newcomer.institution.name}`}, {typeWords(newcomer.type)},{' '}
        {newcomer.currency}. Until you say so, it is a new account. If it is the same, its name, its ledger
        account and what was reconciled come back.
      </p>
      <ul className={styles.formers} aria-label="It may be">
        {candidates.map((former) => (
          <li key={former.id}>
            <FormerFacts former={former} />
            <Button
              size="compact-sm"
              disabled={blocked !== null}
              loading={sending === former.id}
              aria-label={`It is the same as ${fullName(former)}`}
              onClick={() => void answer(former)}
            >
              It is the same
            </Button>
          </li>
        ))}
      </ul>
      {problem !== null && (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
      <Group gap="xs">
        <Button
          size="compact-sm"
          variant="default"
          disabled={blocked !== null}
          loading={sending === 'other'}
          onClick={() => void answer(null)}
        >
          It is another one
        </Button>
        {blocked !== null && <span className={styles.facts}>{blocked}</span>}
      </Group>
    </li>
  );
}

/** Accounts that came in and look like deleted ones: whether they are the same, only a person can say. */
export function AccountQuestions() {
  const [{ data }, read] = useQuery({
    query: AccountQuestionsDocument,
    requestPolicy: 'cache-and-network',
  });
  const readAgain = () => read({ requestPolicy: 'network-only' });
  useLive({
    onChanges: (changes) => {
      if (changes.some(({ type }) => type === 'BANK_ACCOUNT' || type === 'BANK_LINK')) readAgain();
    },
    onResync: readAgain,
  });
  const open = data?.accountQuestions.nodes.filter(({ candidates }) => candidates.length > 0) ?? [];
  if (open.length === 0) return null;
  return (
    <ul className={styles.questions} aria-label="Accounts that may have been here before">
      {open.map(
        (question) =>
          question.bankAccount && (
            <QuestionItem key={question.id} question={question} newcomer={question.bankAccount} />
          ),
      )}
    </ul>
  );
}
