import { Button, Loader } from '@mantine/core';
import { useEffect } from 'react';
import { useMutation } from 'urql';
import { Link, Redirect, useSearch } from 'wouter';
import { CancelLinkSessionDocument, type LinkSessionFieldsFragment } from '@/graphql/generated/operations';
import styles from './add-bank.module.css';
import { ChooseAccounts } from './choose-accounts';
import { ResolveDuplicate } from './resolve-duplicate';
import { Sheet } from './sheet';
import { useAnswerStep } from './use-answer-step';
import { useLinkSession } from './use-link-session';

type Session = LinkSessionFieldsFragment;

/** The person came back, and the bank's page has not said that it is done. */
function Unfinished({ session, url }: { session: Session; url: string }) {
  const [{ fetching }, cancel] = useMutation(CancelLinkSessionDocument);
  return (
    <Sheet title="The sign-in is not finished yet">
      <p>
        If you finished it, this page goes on by itself in a moment. If you closed the bank’s page half-way,
        open it again.
      </p>
      <div className={styles.buttons}>
        <Button component="a" href={url}>
          Open the sign-in page
        </Button>
        <Button
          variant="default"
          loading={fetching}
          onClick={() => void cancel({ input: { sessionId: session.id } })}
        >
          Give up
        </Button>
      </div>
    </Sheet>
  );
}

function Ended({ message, canRetry }: { message: string; canRetry: boolean }) {
  return (
    <Sheet title="No bank was linked">
      <p>{message}</p>
      <div className={styles.buttons}>
        {canRetry && (
          <Button component={Link} href="/banks/add">
            Try again
          </Button>
        )}
        <Button component={Link} href="/banks" variant="default">
          Back to Link Banks
        </Button>
      </div>
    </Sheet>
  );
}

function Waiting({ message }: { message: string }) {
  return (
    <Sheet title="Almost there">
      <p className={styles.waiting}>
        <Loader size={16} aria-hidden /> {message}
      </p>
    </Sheet>
  );
}

function Step({ session }: { session: Session }) {
  const { step, mode, error } = session;
  switch (step.__typename) {
    case 'OpenUrlStep':
      return <Unfinished session={session} url={step.url} />;
    case 'ResolveDuplicateStep':
      return <ResolveDuplicate session={session} step={step} />;
    case 'ChooseAccountsStep':
      return <ChooseAccounts session={session} step={step} />;
    case 'DoneStep':
      return (
        <Redirect
          to={
            mode === 'REPAIR' || !step.bankLink
              ? '/banks'
              : `/banks?linked=${encodeURIComponent(step.bankLink.id)}`
          }
          replace
        />
      );
    case 'EndedStep':
      return <Ended message={error?.message ?? step.message} canRetry={step.canRetry} />;
    case 'WaitStep':
      return <Waiting message={step.message} />;
    default:
      return <Waiting message="There is a question about this sign-in. Reload the page to answer it." />;
  }
}

/** Where the bank's page leads back to. What came of it, the server knows; this page asks until it does. */
export function ReturnPage() {
  const id = new URLSearchParams(useSearch()).get('session');
  const { session, missing, problem } = useLinkSession(id);
  const answer = useAnswerStep();
  const step = session?.step;
  const stepId = step?.__typename === 'OpenUrlStep' || step?.__typename === 'WaitStep' ? step.stepId : null;
  useEffect(() => {
    if (id !== null && stepId !== null) answer(id, stepId);
  }, [id, stepId, answer]);
  if (missing)
    return <Ended message="This sign-in is not known any more. It may have run out of time." canRetry />;
  if (!session) return <Waiting message={problem ?? 'Asking how the sign-in went…'} />;
  return <Step session={session} />;
}
