import { Button } from '@mantine/core';
import { useMutation, useQuery } from 'urql';
import {
  CancelLinkSessionDocument,
  ViewerDocument,
  type LinkSessionFieldsFragment,
} from '@/graphql/generated/operations';
import { formatDue } from '@/lib/dates';
import { Link } from 'wouter';
import styles from './add-bank.module.css';

type Session = LinkSessionFieldsFragment;

const OPEN = ['STARTED', 'WAITING', 'DECIDING'];
const isOpen = ({ sessionState }: Session) => OPEN.includes(sessionState);

function OpenSession({ session }: { session: Session }) {
  const [{ fetching }, cancel] = useMutation(CancelLinkSessionDocument);
  const { step, bankLink, expiresAt } = session;
  const what = bankLink
    ? `You have an unfinished sign-in for ${bankLink.name}.`
    : 'You have an unfinished sign-in.';
  const resume =
    step.__typename === 'OpenUrlStep'
      ? step.url
      : `/banks/add/return?session=${encodeURIComponent(session.id)}`;
  return (
    <li className={styles.open}>
      <span>
        {what} It can be continued until {formatDue(expiresAt, new Date()).replace('Today ', '')}.
      </span>
      <span className={styles.buttons}>
        <Button component="a" href={resume} size="compact-sm">
          Continue
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          loading={fetching}
          onClick={() => void cancel({ input: { sessionId: session.id } })}
        >
          Cancel it
        </Button>
      </span>
    </li>
  );
}

/** Sign-ins that the person began and did not finish, the newest first: to continue, or to give up. */
export function OpenSessions({ limit = Infinity }: { limit?: number }) {
  const [{ data }] = useQuery({ query: ViewerDocument });
  const open = (data?.viewer.openLinkSessions ?? [])
    .filter(isOpen)
    .sort((a, b) => b.expiresAt.localeCompare(a.expiresAt));
  if (open.length === 0) return null;
  return (
    <ul className={styles.openList} aria-label="Unfinished sign-ins">
      {open.slice(0, limit).map((session) => (
        <OpenSession key={session.id} session={session} />
      ))}
      {open.length > limit && (
        <li>
          <Link href="/banks/add">and {open.length - limit} more</Link>
        </li>
      )}
    </ul>
  );
}
