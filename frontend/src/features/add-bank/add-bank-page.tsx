import { Button, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { Eye, HardDrive, KeyRound, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { useStartBankLink } from '@/graphql/use-start-bank-link';
import styles from './add-bank.module.css';
import { LinkedLogins } from './linked-logins';
import { OpenSessions } from './open-sessions';

const CONSENT = [
  {
    icon: Eye,
    term: 'What is read',
    words:
      'The accounts of your sign-in, their balances and their transactions. Counterfoil only reads: it asks for no right to move money.',
  },
  {
    icon: HardDrive,
    term: 'Where it is kept',
    words: 'On this server. The key that opens your bank’s data is stored encrypted.',
  },
  {
    icon: KeyRound,
    term: 'Who sees your sign-in',
    words:
      'You choose your institution and sign in on a page of the bank aggregator. It sees your user name and password, or sends you to your bank’s own page; Counterfoil never sees them.',
  },
  {
    icon: RotateCcw,
    term: 'A changed password',
    words:
      'Press Refresh on one of its accounts in the table and sign in again there; or add the bank again here. Counterfoil recognises it, and makes no second copy.',
  },
];

/** Says what linking means, then opens the page on which one chooses the institution and signs in. */
export function AddBankPage() {
  useDocumentTitle('Add Bank/CC · Counterfoil');
  const startBankLink = useStartBankLink();
  const [starting, setStarting] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const begin = async () => {
    setStarting(true);
    setProblem(null);
    const { url, problem: met } = await startBankLink('ADD');
    if (url !== null) window.location.assign(url);
    else setStarting(false);
    setProblem(met);
  };
  return (
    <div className={styles.page}>
      <section className={styles.sheet} aria-labelledby="add-bank-title">
        <Title order={1} size="h3" id="add-bank-title">
          Add Bank/CC
        </Title>
        <OpenSessions />
        <LinkedLogins onProblem={setProblem} />
        <dl className={styles.consent}>
          {CONSENT.map(({ icon: Icon, term, words }) => (
            <div key={term}>
              <dt>
                <Icon size={16} aria-hidden /> {term}
              </dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
        {problem !== null && (
          <p role="alert" className={styles.problem}>
            {problem}
          </p>
        )}
        <div className={styles.buttons}>
          <Button loading={starting} onClick={() => void begin()}>
            Choose your institution
          </Button>
          <Button component={Link} href="/banks" variant="default">
            Cancel
          </Button>
        </div>
      </section>
    </div>
  );
}
