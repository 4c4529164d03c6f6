import { Button, PasswordInput, TextInput, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { nextPath, signIn, signInByLink, type SignInProblem } from './sign-in';
import styles from './sign-in.module.css';

/** A full load: whatever another person's session left in memory is gone. */
const enter = (search: string) => window.location.replace(nextPath(search));

/** Redeems a one-time link in the address once, and takes the token out of the address bar first. */
function useLink(onProblem: (problem: SignInProblem) => void): boolean {
  const [token] = useState(() => new URLSearchParams(window.location.search).get('token'));
  const [redeeming, setRedeeming] = useState(token !== null);
  const started = useRef(false);
  useEffect(() => {
    if (token === null || started.current) return;
    started.current = true;
    window.history.replaceState(null, '', '/sign-in');
    void signInByLink(token).then((problem) => {
      if (problem === null) enter('');
      else setRedeeming(false);
      onProblem(problem);
    });
  }, [token, onProblem]);
  return redeeming;
}

function SignInForm({ onProblem }: { onProblem: (problem: SignInProblem) => void }) {
  const [busy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setBusy(true);
    const problem = await signIn(fields.get('email') as string, fields.get('password') as string);
    if (problem === null) enter(window.location.search);
    else setBusy(false);
    onProblem(problem);
  };
  return (
    <form onSubmit={(event) => void submit(event)} className={styles.form}>
      <TextInput
        label="Email"
        name="email"
        type="email"
        autoComplete="username"
        required
        withAsterisk={false}
      />
      <PasswordInput
        label="Password"
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
      />
      <Button type="submit" loading={busy} fullWidth>
        Sign in
      </Button>
    </form>
  );
}

export function SignInPage() {
  useDocumentTitle('Sign in · Counterfoil');
  const [problem, setProblem] = useState<SignInProblem>(null);
  const redeeming = useLink(setProblem);
  return (
    <main className={styles.page}>
      <section className={styles.card} aria-labelledby="sign-in-title">
        <img src="/counterfoil.svg" alt="" width={32} height={32} />
        <Title order={1} size="h3" id="sign-in-title">
          Sign in to Counterfoil
        </Title>
        {problem !== null && (
          <p role="alert" className={styles.problem}>
            {problem}
          </p>
        )}
        {redeeming ? (
          <p role="status">Signing you in with your link…</p>
        ) : (
          <SignInForm onProblem={setProblem} />
        )}
      </section>
    </main>
  );
}
