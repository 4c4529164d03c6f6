import { useDebouncedValue } from '@mantine/hooks';
import { useState, type ComponentProps } from 'react';
import { useQuery } from 'urql';
import { ChoiceField } from '@/components/choice-field';
import { LedgerAccountChoicesDocument, type LedgerAccountType } from '@/graphql/generated/operations';

export interface ChosenAccount {
  id: string;
  number: string;
  name: string;
  type?: LedgerAccountType;
  currency?: string | null;
}

type AccountSelectProps = Omit<
  ComponentProps<typeof ChoiceField>,
  'choices' | 'chosen' | 'onChoose' | 'onSearch'
> & {
  chosen: ChosenAccount | null;
  onChoose: (account: ChosenAccount | null) => void;
};

const SHOWN = 50;
const choiceOf = ({ id, number, name }: ChosenAccount) => ({ id, label: `${number} ${name}` });

/** Chooses an active ledger account by its number or name; the server searches. */
export function AccountSelect({ chosen, onChoose, ...props }: AccountSelectProps) {
  const [words, setWords] = useState('');
  const [search] = useDebouncedValue(words.trim(), 200);
  const [{ data }] = useQuery({
    query: LedgerAccountChoicesDocument,
    variables: { search: search || null, first: SHOWN },
  });
  const found: ChosenAccount[] = data?.ledgerAccounts.nodes ?? [];
  return (
    <ChoiceField
      placeholder="Number or name"
      nothingFoundMessage="No active ledger account matches."
      {...props}
      choices={found.map(choiceOf)}
      chosen={chosen && choiceOf(chosen)}
      onSearch={setWords}
      onChoose={(id) =>
        onChoose([...found, ...(chosen ? [chosen] : [])].find((one) => one.id === id) ?? null)
      }
    />
  );
}
