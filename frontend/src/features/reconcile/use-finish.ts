import { useCallbackRef } from '@mantine/hooks';
import { useRef } from 'react';
import { useClient } from 'urql';
import { useAnnounce } from '@/components/use-announce';
import { useNotify } from '@/components/use-notify';
import { ReconciliationDocument } from '@/graphql/generated/operations';
import type { View } from './address';
import type { Line, Outcome } from './outcome';
import type { Acts } from './use-acts';
import type { Work } from './use-work';

interface Finishing {
  bankAccountId: string;
  view: View;
  work: Work;
  acts: Acts;
  focusList: () => void;
}

/**
 * What happens after an act: the next line comes to hand, what is left is counted and said, and the
 * act can be undone. A refused act changes nothing but the line, which is then shown as it is now.
 */
export function useFinish({ bankAccountId, view, work, acts, focusList }: Finishing) {
  const client = useClient();
  const announce = useAnnounce();
  const notify = useNotify();
  const lastAct = useRef<string | null>(null);

  const count = async (words: string) => {
    const variables = { bankAccountId, from: view.from || null, to: view.to || null };
    const { data } = await client
      .query(ReconciliationDocument, variables, { requestPolicy: 'network-only' })
      .toPromise();
    const left = data?.reconciliation?.counts.review;
    announce(left === undefined ? words : `${words} ${left} left.`);
  };

  const settle = useCallbackRef((lines: Line[], words: string) => {
    work.moveOn(lines);
    focusList();
    work.readSoon();
    void count(words);
  });

  const undo = useCallbackRef(async (actId: string) => {
    lastAct.current = null;
    const { lines, refusals } = await acts.undo(actId);
    const [refusal] = refusals;
    if (refusal) {
      lastAct.current = actId;
      notify('problem', refusal.message);
      return;
    }
    settle(lines, 'Undone.');
    const [back] = lines;
    if (back) work.take(back.id);
  });

  const finish = useCallbackRef(({ act, lines, refusals }: Outcome, words: string): boolean => {
    if (refusals.length > 0) return false;
    settle(lines, words);
    if (act && act.kind !== 'UNDO') {
      lastAct.current = act.id;
      notify('done', words, { label: 'Undo', run: () => void undo(act.id) });
    }
    return true;
  });

  const undoLast = () => {
    const { current } = lastAct;
    if (current !== null) void undo(current);
    else announce('There is nothing of this visit to undo. History has everything.');
  };

  return { finish, undoLast };
}
