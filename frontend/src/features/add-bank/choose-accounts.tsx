import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { LinkSessionFieldsFragment } from '@/graphql/generated/operations';
import styles from './add-bank.module.css';
import { countWords, fullName } from './login-words';
import { Sheet } from './sheet';
import { useDecide } from './use-decide';

type Step = Extract<LinkSessionFieldsFragment['step'], { __typename: 'ChooseAccountsStep' }>;

/** The login hands over accounts that were deleted here: which of them come back. */
export function ChooseAccounts({ session, step }: { session: { id: string }; step: Step }) {
  const { decide, sending, problem } = useDecide(session.id, step.stepId);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const wanted = step.accounts.filter(({ bankAccountId }) => !left.has(bankAccountId));
  const toggle = (id: string) => {
    const next = new Set(left);
    if (!next.delete(id)) next.add(id);
    setLeft(next);
  };
  return (
    <Sheet title="Which accounts come back?">
      <p>
        This login has accounts that were deleted here. Those that you choose come back with their names,
        their ledger accounts and what is reconciled, and their history is read again.
      </p>
      <fieldset className={styles.accounts}>
        <legend>Bring back</legend>
        {step.accounts.map((account) => (
          <Checkbox
            key={account.bankAccountId}
            label={fullName(account)}
            checked={!left.has(account.bankAccountId)}
            onChange={() => toggle(account.bankAccountId)}
          />
        ))}
      </fieldset>
      {problem !== null && (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
      <div className={styles.buttons}>
        <Button
          disabled={wanted.length === 0 || sending === 'none'}
          loading={sending === 'wanted'}
          onClick={() =>
            decide('wanted', { bankAccountIds: wanted.map(({ bankAccountId }) => bankAccountId) })
          }
        >
          {wanted.length === 0 ? 'Choose at least one' : `Bring back ${countWords(wanted.length)}`}
        </Button>
        <Button
          variant="default"
          disabled={sending === 'wanted'}
          loading={sending === 'none'}
          onClick={() => decide('none', { bankAccountIds: [] })}
        >
          None; leave them deleted
        </Button>
      </div>
    </Sheet>
  );
}
