import { Button } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { LinkedLoginsDocument, type LinkedLoginsQuery, type LinkMode } from '@/graphql/generated/operations';
import { useStartBankLink } from '@/graphql/use-start-bank-link';
import styles from './add-bank.module.css';
import { countWords } from './login-words';

type Login = LinkedLoginsQuery['bankLinks']['nodes'][number];

interface LinkedLoginProps {
  login: Login;
  onProblem: (problem: string | null) => void;
}

function LinkedLogin({ login, onProblem }: LinkedLoginProps) {
  const startBankLink = useStartBankLink();
  const [starting, setStarting] = useState<LinkMode | null>(null);
  const { id, name, accountCount, status, viewerCan } = login;
  const blocked =
    viewerCan.find(({ right, allowed }) => right === 'BANKS' && !allowed)?.blockedReason ?? null;
  const begin = async (mode: LinkMode) => {
    setStarting(mode);
    onProblem(null);
    const { url, problem } = await startBankLink(mode, id);
    if (url !== null) window.location.assign(url);
    else setStarting(null);
    onProblem(problem);
  };
  const button = (mode: LinkMode, words: string) => (
    <Button
      size="compact-sm"
      variant={mode === 'REPAIR' && status.severity === 'ACTION' ? 'filled' : 'default'}
      disabled={blocked !== null || (starting !== null && starting !== mode)}
      title={blocked ?? undefined}
      loading={starting === mode}
      aria-label={`${words}: ${name}`}
      onClick={() => void begin(mode)}
    >
      {words}
    </Button>
  );
  return (
    <li>
      <span>
        You already have <strong>{name}</strong> ({countWords(accountCount)}).
        {status.severity !== 'OK' && <span className={styles.state}> {status.label}</span>}
      </span>
      <span className={styles.buttons}>
        {button('REPAIR', 'Fix its sign-in')}
        {button('ADD_ACCOUNTS', 'Add accounts to it')}
      </span>
    </li>
  );
}

/** The logins that are there: often one of them is meant, and not a new one. */
export function LinkedLogins({ onProblem }: Pick<LinkedLoginProps, 'onProblem'>) {
  const [{ data }] = useQuery({ query: LinkedLoginsDocument, requestPolicy: 'cache-and-network' });
  const logins = data?.bankLinks.nodes ?? [];
  if (logins.length === 0) return null;
  return (
    <ul className={styles.logins} aria-label="Logins that you have">
      {logins.map((login) => (
        <LinkedLogin key={login.id} login={login} onProblem={onProblem} />
      ))}
    </ul>
  );
}
