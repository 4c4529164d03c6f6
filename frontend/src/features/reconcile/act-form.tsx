import { Button } from '@mantine/core';
import type { ReactNode, SyntheticEvent } from 'react';
import styles from './forms.module.css';
import { RefusalNote } from './refusal-note';
import type { Refusal } from './outcome';

interface ActFormProps {
  label: string;
  children: ReactNode;
  /** What is picked and what remains, beside the button. */
  balance?: ReactNode;
  button: string;
  /** Why the button does nothing now. */
  blocked: string | null;
  sending: boolean;
  /** Those that stand at no field. */
  refusals: readonly Refusal[];
  onSubmit: () => void;
}

/** One way to deal with the line in hand; Ctrl+Enter sends it from anywhere on the page. */
export function ActForm(props: ActFormProps) {
  const { label, children, balance, button, blocked, sending, refusals, onSubmit } = props;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!sending && blocked === null) onSubmit();
  };
  return (
    <form className={styles.form} aria-label={label} data-act noValidate onSubmit={submit}>
      <div className={styles.body}>{children}</div>
      <RefusalNote refusals={refusals} />
      <div className={styles.foot}>
        <Button
          type="submit"
          loading={sending}
          aria-disabled={blocked !== null}
          data-blocked={blocked !== null}
        >
          {button}
        </Button>
        <kbd className={styles.kbd} aria-hidden>
          {/Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl'} ↵
        </kbd>
        <span className={styles.balance} role="status">
          {balance}
          {blocked !== null && <span className={styles.blocked}>{blocked}</span>}
        </span>
      </div>
    </form>
  );
}
