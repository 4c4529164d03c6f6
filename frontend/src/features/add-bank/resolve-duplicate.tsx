import { Button } from '@mantine/core';
import type { LinkSessionFieldsFragment } from '@/graphql/generated/operations';
import styles from './add-bank.module.css';
import { GiveUp } from './give-up';
import { countWords } from './login-words';
import { Sheet } from './sheet';
import { useDecide } from './use-decide';

type Step = Extract<LinkSessionFieldsFragment['step'], { __typename: 'ResolveDuplicateStep' }>;
type Likeness = Step['logins'][number];
type Linked = NonNullable<Likeness['bankLink']>;

/** What is the same: "5 of its 6 accounts are the same." */
function sharedWords(shared: number, { accountCount }: Linked): string {
  if (shared === 0) return 'it has brought no accounts yet.';
  if (shared >= accountCount)
    return accountCount === 1
      ? 'its one account is the same.'
      : `all its ${accountCount} accounts are the same.`;
  return `${shared} of its ${countWords(accountCount)} ${shared === 1 ? 'is' : 'are'} the same.`;
}

const FIX_WORDS = {
  covers:
    'What you just signed in to takes its place: names, ledger accounts and what is reconciled stay, and deleted accounts stay deleted. No second copy is made.',
  lacks:
    'What you just shared does not cover all its accounts, so its own sign-in page opens next. Sign in there once more. No second copy is made.',
};
const ADD_WORDS = {
  covers:
    'It is updated, and what you shared that it lacks is added to it: new accounts, and ones that were deleted here.',
  lacks: 'Its own sign-in page opens next, where you choose the accounts to add.',
};

interface LoginProps {
  step: Step;
  likeness: Likeness;
  linked: Linked;
  first: boolean;
  sending: string | null;
  onChoose: (choice: 'FIX' | 'ADD_ACCOUNTS') => void;
}

function LoginChoice({ step, likeness, linked, first, sending, onChoose }: LoginProps) {
  const kind = likeness.covers ? 'covers' : 'lacks';
  const button = (choice: 'FIX' | 'ADD_ACCOUNTS', words: string, consequence: string) =>
    step.choices.includes(choice) && (
      <div className={styles.choice}>
        <Button
          variant={choice === 'FIX' && first ? 'filled' : 'default'}
          loading={sending === `${choice} ${linked.id}`}
          disabled={sending !== null && sending !== `${choice} ${linked.id}`}
          onClick={() => onChoose(choice)}
        >
          {words}
        </Button>
        <p>{consequence}</p>
      </div>
    );
  return (
    <section aria-label={linked.name} className={styles.choices}>
      <p>
        This looks like <strong>{linked.name}</strong>, which you have linked:{' '}
        {sharedWords(likeness.shared, linked)}
      </p>
      {button('FIX', 'Update that login', FIX_WORDS[kind])}
      {button('ADD_ACCOUNTS', 'Add accounts to it', ADD_WORDS[kind])}
    </section>
  );
}

/** The person signed in to what is linked already, it seems: nothing is saved before they say what it is. */
export function ResolveDuplicate({ session, step }: { session: { id: string }; step: Step }) {
  const { decide, sending, problem } = useDecide(session.id, step.stepId);
  const logins = step.logins.flatMap((likeness) =>
    likeness.bankLink ? [{ likeness, linked: likeness.bankLink }] : [],
  );
  return (
    <Sheet title="You may have this login already">
      {logins.length === 0 && <p>The login that this looked like was deleted meanwhile.</p>}
      {logins.map(({ likeness, linked }, index) => (
        <LoginChoice
          key={linked.id}
          {...{ step, likeness, linked, sending }}
          first={index === 0}
          onChoose={(choice) => decide(`${choice} ${linked.id}`, { choice, bankLinkId: linked.id })}
        />
      ))}
      {step.choices.includes('ANOTHER') && (
        <div className={styles.choice}>
          <Button
            variant="default"
            loading={sending === 'ANOTHER'}
            disabled={sending !== null && sending !== 'ANOTHER'}
            onClick={() => decide('ANOTHER', { choice: 'ANOTHER' })}
          >
            It is another login
          </Button>
          <p>
            It is linked beside the other one. Accounts that both of them share would stand here twice, with
            their transactions.
          </p>
        </div>
      )}
      {problem !== null && (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
      <GiveUp sessionId={session.id} disabled={sending !== null} />
    </Sheet>
  );
}
