import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useQuery } from 'urql';
import { ChoiceField } from '@/components/choice-field';
import { DifferenceAccountsDocument } from '@/graphql/generated/operations';
import { formatDecimal, isZero } from '@/lib/money';
import type { BankAccountRow } from './account-words';
import styles from './dialogs.module.css';
import { differenceOf, lacks, type AmountManner, type StartDraft, type TyingPreview } from './start-draft';

interface DifferenceFieldsProps {
  draft: StartDraft;
  preview: TyingPreview;
  manner: AmountManner;
  baseCurrency: string;
  /** The ledger account that the bank account leaves, whose balance moves along. */
  oldAccount: BankAccountRow['ledgerAccount'];
  onDraft: (part: Partial<StartDraft>) => void;
}

const labelOf = ({ id, number, name }: { id: string; number: string; name: string }) => ({
  id,
  label: `${number} ${name}`,
});

function AccountField({ draft, onDraft }: Pick<DifferenceFieldsProps, 'draft' | 'onDraft'>) {
  const [words, setWords] = useState('');
  const [search] = useDebouncedValue(words.trim(), 200);
  const [{ data }] = useQuery({ query: DifferenceAccountsDocument, variables: { search: search || null } });
  const found = data?.ledgerAccounts.nodes ?? [];
  return (
    <ChoiceField
      label="The difference goes to"
      choices={found.map(labelOf)}
      chosen={draft.differenceAccount && labelOf(draft.differenceAccount)}
      allowDeselect={false}
      onSearch={setWords}
      onChoose={(id) => {
        const chosen = found.find((account) => account.id === id);
        if (chosen) onDraft({ differenceAccount: chosen });
      }}
    />
  );
}

function words(difference: string, { currency }: AmountManner, moves: boolean) {
  if (isZero(difference))
    return moves
      ? 'With that, they agree with the bank on that day.'
      : 'The books agree with the bank on that day: nothing is posted.';
  const { amount, more } = lacks(difference);
  const off = `${formatDecimal(amount)} ${currency}`;
  return `The books hold ${off} ${more ? 'more' : 'less'} than the bank and what is outstanding. One entry, dated that day, posts it.`;
}

/** What comes along from the ledger account that the bank account leaves. */
function movingWords(
  leaving: string,
  { currency }: AmountManner,
  oldAccount: DifferenceFieldsProps['oldAccount'],
) {
  const from = oldAccount
    ? `${oldAccount.number} ${oldAccount.name}`
    : 'the ledger account where it was kept';
  return `${formatDecimal(leaving)} ${currency} and what is outstanding there come from ${from}. `;
}

/** How far the books are from the bank on that day, and which account takes it. */
export function DifferenceFields(props: DifferenceFieldsProps) {
  const { draft, preview, manner, baseCurrency, oldAccount, onDraft } = props;
  const difference = differenceOf(draft, preview, manner);
  if (difference === null) return null;
  return (
    <>
      <p className={styles.text} role="status">
        Books on that day: <strong>{formatDecimal(preview.booksBalance.amount)}</strong> {manner.currency}.{' '}
        {preview.leavingBalance && movingWords(preview.leavingBalance.amount, manner, oldAccount)}
        {words(difference, manner, preview.leavingBalance !== null)}
      </p>
      {!isZero(difference) && <AccountField draft={draft} onDraft={onDraft} />}
      {manner.currency !== baseCurrency && (preview.leavingBalance !== null || !isZero(difference)) && (
        <TextInput
          inputMode="decimal"
          label={`${baseCurrency} for 1 ${manner.currency} on that day`}
          value={draft.rate}
          onChange={({ currentTarget }) => onDraft({ rate: currentTarget.value })}
        />
      )}
    </>
  );
}
