import { useCallback, useRef } from 'react';
import { useMutation } from 'urql';
import { AnswerLinkStepDocument } from '@/graphql/generated/operations';

/** Tells the server once per step that the person is back, so that it asks the aggregator at once. */
export function useAnswerStep(): (sessionId: string, stepId: string) => void {
  const [, answer] = useMutation(AnswerLinkStepDocument);
  const answered = useRef(new Set<string>());
  return useCallback(
    (sessionId, stepId) => {
      if (answered.current.has(stepId)) return;
      answered.current.add(stepId);
      void answer({ input: { sessionId, stepId } });
    },
    [answer],
  );
}
