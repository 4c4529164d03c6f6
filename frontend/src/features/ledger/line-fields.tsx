import { ActionIcon, TextInput } from '@mantine/core';
import { X } from 'lucide-react';
import { AccountSelect } from './account-select';
import { currencyOf, isBlank, type LineDraft } from './entry-draft';
import styles from './entry-form.module.css';

interface LineFieldsProps {
  line: LineDraft;
  /** From 1. */
  place: number;
  base: string;
  onChange: (line: LineDraft) => void;
  onRemove: () => void;
}

/** One line of an entry as it is typed. A debit empties the credit, and the other way round. */
export function LineFields({ line, place, base, onChange, onRemove }: LineFieldsProps) {
  const { account, memo, debit, credit } = line;
  const set = (part: Partial<LineDraft>) => onChange({ ...line, ...part });
  const amount = (side: 'debit' | 'credit', label: string) => (
    <TextInput
      size="xs"
      inputMode="decimal"
      autoComplete="off"
      aria-label={`${label}, line ${place}`}
      placeholder={label}
      classNames={{ input: styles.amount ?? '', root: styles[side] ?? '' }}
      value={side === 'debit' ? debit : credit}
      onChange={({ currentTarget: { value } }) =>
        set(
          side === 'debit'
            ? { debit: value, credit: value ? '' : credit }
            : { credit: value, debit: value ? '' : debit },
        )
      }
    />
  );
  return (
    <div role="group" aria-label={`Line ${place}`} className={styles.line}>
      <AccountSelect
        size="xs"
        aria-label={`Ledger account, line ${place}`}
        className={styles.account ?? ''}
        chosen={account}
        onChoose={(chosen) => set({ account: chosen, currency: '' })}
      />
      <TextInput
        size="xs"
        aria-label={`Memo, line ${place}`}
        placeholder="Memo"
        maxLength={500}
        className={styles.memo ?? ''}
        value={memo}
        onChange={({ currentTarget }) => set({ memo: currentTarget.value })}
      />
      <TextInput
        size="xs"
        aria-label={`Currency, line ${place}`}
        className={styles.currency ?? ''}
        maxLength={3}
        readOnly={account?.currency != null}
        value={currencyOf(line, '')}
        placeholder={base}
        onChange={({ currentTarget }) => set({ currency: currentTarget.value.toUpperCase() })}
      />
      {amount('debit', 'Debit')}
      {amount('credit', 'Credit')}
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={`Remove line ${place}`}
        className={styles.remove ?? ''}
        disabled={isBlank(line)}
        onClick={onRemove}
      >
        <X size={14} />
      </ActionIcon>
    </div>
  );
}
