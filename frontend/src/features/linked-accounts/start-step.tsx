import { Button, Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { ErrorPanel } from '@/components/panel';
import { toFailure } from '@/graphql/errors';
import {
  EquityAccountsDocument,
  TyingPreviewDocument,
  type LedgerAccountsQuery,
  type StartInput,
} from '@/graphql/generated/operations';
import { useViewer } from '@/graphql/use-viewer';
import { formatDate, todayIn } from '@/lib/dates';
import { separatorsOf } from '@/lib/typed-amount';
import type { BankAccountRow } from './account-words';
import { DifferenceFields } from './difference-fields';
import styles from './dialogs.module.css';
import { OutstandingFields } from './outstanding-fields';
import {
  endOfLastMonth,
  isOwed,
  startInput,
  startProblem,
  suggestedText,
  type AmountManner,
  type StartDraft,
  type TyingPreview,
} from './start-draft';

type LedgerAccount = LedgerAccountsQuery['ledgerAccounts']['nodes'][number];

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

/** What linking does to the lines that are there, before the button is pressed. */
function Counts({ account, ledger, preview, startOn }: CountsProps) {
  const { historyCount, reviewCount } = preview;
  const day = formatDate(startOn);
  const old = account.ledgerAccount;
  return (
    <p className={styles.text} role="status">
      <strong>{counted(historyCount, 'line', 'lines')}</strong> up to {day}{' '}
      {historyCount === 1 ? 'stays' : 'stay'} as history;{' '}
      <strong>{counted(reviewCount, 'line', 'lines')}</strong> after it {reviewCount === 1 ? 'comes' : 'come'}{' '}
      up for review
      {old ? ` in ${ledger.number} ${ledger.name}` : ''}.
      {old &&
        ` What is reconciled stays in ${old.number} ${old.name}; the balance and what is outstanding move by one entry dated ${day}.`}
    </p>
  );
}

interface CountsProps {
  account: BankAccountRow;
  ledger: LedgerAccount;
  preview: TyingPreview;
  startOn: string;
}

function useStartDraft(today: string) {
  const [draft, setDraft] = useState<StartDraft>(() => ({
    startOn: endOfLastMonth(today),
    balance: null,
    outstanding: [],
    lacking: [],
    differenceAccount: null,
    rate: '',
    replaces: false,
  }));
  const [{ data }] = useQuery({ query: EquityAccountsDocument });
  const equity = data?.ledgerAccounts.nodes ?? [];
  const proposed = equity.find(({ name }) => /opening/i.test(name)) ?? equity[0] ?? null;
  return { draft: { ...draft, differenceAccount: draft.differenceAccount ?? proposed }, setDraft };
}

const mannerOf = (account: BankAccountRow): AmountManner => ({
  currency: account.currency,
  owed: isOwed(account),
  separators: separatorsOf(navigator.language),
});

interface StartStepProps {
  account: BankAccountRow;
  ledger: LedgerAccount;
  saving: boolean;
  problem: string | null;
  onLink: (start: StartInput) => void;
  onBack: () => void;
}

interface PreviewFieldsProps {
  account: BankAccountRow;
  ledger: LedgerAccount;
  draft: StartDraft;
  preview: TyingPreview;
  manner: AmountManner;
  baseCurrency: string;
  /** The bank account that is kept there now. */
  other: LedgerAccount['bankAccount'];
  onDraft: (part: Partial<StartDraft>) => void;
}

/** What the person is asked, once it is known how books and bank stand on that day. */
function PreviewFields({ account, ledger, other, ...part }: PreviewFieldsProps) {
  const { draft, preview, manner, onDraft } = part;
  return (
    <>
      <Counts {...{ account, ledger, preview }} startOn={draft.startOn} />
      <TextInput
        inputMode="decimal"
        autoComplete="off"
        label={`${manner.owed ? 'Balance owed' : 'The bank’s balance'} at the end of ${formatDate(draft.startOn)}, in ${account.currency}`}
        description={
          preview.suggestedBalance
            ? 'Suggested: what the bank reports today less what it posted since. Compare it with the bank’s statement.'
            : 'As the bank’s statement says; the bank reported no balance.'
        }
        value={draft.balance ?? suggestedText(preview, manner)}
        onChange={({ currentTarget }) => onDraft({ balance: currentTarget.value })}
      />
      <OutstandingFields {...part} moves={preview.leavingBalance !== null} />
      <DifferenceFields {...part} oldAccount={account.ledgerAccount} />
      {other && (
        <Checkbox
          label={`${account.name} replaces ${other.name}, and goes on in ${ledger.number} where that one ended`}
          checked={draft.replaces}
          onChange={({ currentTarget }) => onDraft({ replaces: currentTarget.checked })}
        />
      )}
    </>
  );
}

interface FootProps {
  words: string;
  /** Null: it can't be linked yet, and `why` says why. */
  onLink: (() => void) | null;
  why: string | null;
  problem: string | null;
  saving: boolean;
  onBack: () => void;
}

function Foot({ words, onLink, why, problem, saving, onBack }: FootProps) {
  return (
    <>
      {problem && (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
      {why && <p className={styles.text}>{why}</p>}
      <Group justify="space-between" gap="xs">
        <Button variant="subtle" color="gray" onClick={onBack}>
          Back
        </Button>
        <Button disabled={onLink === null} loading={saving} onClick={() => onLink?.()}>
          {words}
        </Button>
      </Group>
    </>
  );
}

function StartFields({
  account,
  ledger,
  saving,
  problem,
  onLink,
  onBack,
  today,
  baseCurrency,
}: StartStepProps & { today: string; baseCurrency: string }) {
  const { draft, setDraft } = useStartDraft(today);
  const [{ data, error }, read] = useQuery({
    query: TyingPreviewDocument,
    variables: { bankAccountId: account.id, ledgerAccountId: ledger.id, startOn: draft.startOn },
    pause: draft.startOn === '',
    requestPolicy: 'cache-and-network',
  });
  const manner = useMemo(() => mannerOf(account), [account]);
  const preview = data?.tyingPreview;
  // as it is now, not as it was when the ledger account was chosen from the list
  const holder = data?.ledgerAccount?.bankAccount;
  const other = holder && holder.id !== account.id ? holder : null;
  const situation = {
    moves: preview?.leavingBalance != null,
    taken: other !== null,
    foreign: account.currency !== baseCurrency,
  };
  const why = preview ? startProblem(draft, preview, manner, situation) : null;
  const set = (part: Partial<StartDraft>) => setDraft({ ...draft, ...part });
  return (
    <Stack gap="sm">
      <TextInput
        type="date"
        label="Last day that is history"
        description="The day before the oldest line that you want to reconcile here."
        max={today}
        value={draft.startOn}
        onChange={({ currentTarget }) =>
          set({ startOn: currentTarget.value, outstanding: [], balance: null })
        }
        data-autofocus
      />
      {error && !preview && (
        <ErrorPanel
          title="Couldn’t look at the account."
          failure={toFailure(error)}
          onRetry={() => read({ requestPolicy: 'network-only' })}
        />
      )}
      {preview && draft.startOn && (
        <PreviewFields {...{ account, ledger, draft, preview, manner, baseCurrency, other }} onDraft={set} />
      )}
      <Foot
        {...{ saving, problem, why, onBack }}
        words={
          situation.moves && preview
            ? `Move ${counted(preview.reviewCount, 'line', 'lines')} and link`
            : 'Link'
        }
        onLink={
          preview && why === null
            ? () =>
                onLink(startInput(draft, preview, manner, { ...situation, predecessorId: other?.id ?? null }))
            : null
        }
      />
    </Stack>
  );
}

/** From where on the account is reconciled: the day, the bank's balance then, what was outstanding. */
export function StartStep(props: StartStepProps) {
  const viewer = useViewer();
  if (!viewer) return <p className={styles.text}>Reading…</p>;
  const { timeZone, baseCurrency } = viewer.organization;
  return <StartFields {...props} today={todayIn(timeZone)} baseCurrency={baseCurrency} />;
}
