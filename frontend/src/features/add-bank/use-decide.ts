import { useState } from 'react';
import { useMutation } from 'urql';
import { toFailure } from '@/graphql/errors';
import { AnswerLinkStepDocument, type AnswerLinkStepInput } from '@/graphql/generated/operations';

export type Decision = Pick<AnswerLinkStepInput, 'choice' | 'bankLinkId' | 'bankAccountIds'>;

/** Answers what a session asks; where the bank's page is next, it goes there. */
export function useDecide(sessionId: string, stepId: string) {
  const [, answer] = useMutation(AnswerLinkStepDocument);
  /** What is being sent, so that its button shows it. */
  const [sending, setSending] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const decide = async (name: string, decision: Decision) => {
    setSending(name);
    setProblem(null);
    const { data, error } = await answer({ input: { sessionId, stepId, ...decision } });
    const refusal = data?.answerLinkStep.errors[0];
    const next = data?.answerLinkStep.linkSession?.step;
    if (error) setProblem(toFailure(error).message);
    else if (refusal) setProblem(refusal.message);
    else if (next?.__typename === 'OpenUrlStep') {
      window.location.assign(next.url);
      return;
    }
    setSending(null);
  };
  return {
    decide: (name: string, decision: Decision) => void decide(name, decision),
    sending,
    problem,
  };
}
