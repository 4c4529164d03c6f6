import { Checkbox } from '@mantine/core';
import { formatDecimal, magnitude } from '@/lib/money';
import styles from './forms.module.css';
import { LedgerCombobox } from './ledger-combobox';
import type { WriteOffDraft } from './write-off';

interface WriteOffFieldProps {
  /** The difference of the two sides, in base. */
  left: string;
  draft: WriteOffDraft;
  onDraft: (draft: WriteOffDraft) => void;
  error: string | undefined;
}

/** Lets a small difference go to a ledger account instead of staying open. */
export function WriteOffField({ left, draft, onDraft, error }: WriteOffFieldProps) {
  return (
    <div className={styles.rows}>
      <Checkbox
        size="xs"
        label={`Write off ${formatDecimal(magnitude(left))}`}
        checked={draft.wanted}
        onChange={({ currentTarget }) => onDraft({ ...draft, wanted: currentTarget.checked })}
      />
      {draft.wanted && (
        <LedgerCombobox
          label="Account for the difference"
          chosen={draft.account}
          onChoose={(account) => onDraft({ ...draft, account })}
          blocked={({ bankAccount }) => (bankAccount ? 'an account of a bank' : null)}
          error={error}
        />
      )}
    </div>
  );
}
