import { ActionIcon, Button, Group, TextInput } from '@mantine/core';
import { X } from 'lucide-react';
import { digitsOf, isNegative, negate } from '@/lib/money';
import { writeAmount } from '@/lib/typed-amount';
import { AmountField } from './amount-field';
import { emptyRow, spread, type CodingRow } from './coding-draft';
import styles from './forms.module.css';
import { LedgerCombobox } from './ledger-combobox';
import { useDesk } from './use-desk';

interface CodingRowsProps {
  rows: CodingRow[];
  /** What is spread over them, signed like the bank line. */
  total: string;
  onRows: (rows: CodingRow[]) => void;
  /** Words at a field, by its path: "lines.1.amount". */
  problemAt: (field: string) => string | undefined;
  /** The path of the list: "lines", or "fees". */
  path: string;
  split: boolean;
}

/** An account of a bank is no place to book to: money between one's own accounts is a transfer. */
const toTransfer = ({ bankAccount }: { bankAccount: { name: string } | null }) =>
  bankAccount ? `${bankAccount.name}: use Transfer` : null;

interface RowFieldsProps extends Pick<CodingRowsProps, 'problemAt' | 'total' | 'path'> {
  row: CodingRow;
  index: number;
  /** More than one line: each has its own amount and memo. */
  many: boolean;
  /** What the line takes when its amount is left empty. */
  rest: string;
  onChange: (given: Partial<CodingRow>) => void;
  onRemove: (() => void) | null;
}

function RowFields({ row, index, many, rest, total, path, problemAt, onChange, onRemove }: RowFieldsProps) {
  const { separators } = useDesk();
  const which = index > 0 ? ` of line ${index + 1}` : '';
  return (
    <div className={styles.codingRow} data-split={many}>
      <LedgerCombobox
        label={row.fee ? `Fee account${which}` : `Ledger account${which}`}
        chosen={row.account}
        onChoose={(account) => onChange({ account })}
        blocked={toTransfer}
        error={problemAt(`${path}.${index}.ledgerAccountId`)}
      />
      {many && (
        <>
          <AmountField
            label={row.fee ? `Fee${which}` : `Amount${which}`}
            typed={row.typed}
            onType={(typed) => onChange({ typed })}
            digits={digitsOf(total)}
            separators={separators}
            placeholder={rest}
            error={problemAt(`${path}.${index}.amount`)}
          />
          <TextInput
            label={`Memo${which}`}
            value={row.memo}
            error={problemAt(`${path}.${index}.memo`)}
            onChange={({ currentTarget }) => onChange({ memo: currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            mt={26}
            aria-label={`Remove line ${index + 1}`}
            disabled={onRemove === null}
            onClick={() => onRemove?.()}
          >
            <X size={15} />
          </ActionIcon>
        </>
      )}
    </div>
  );
}

/** Ledger accounts with amounts; one of them may take the rest. */
export function CodingRows({ rows, total, onRows, problemAt, path, split }: CodingRowsProps) {
  const { separators } = useDesk();
  const { amounts } = spread(rows, total, separators);
  const restOf = (index: number) => {
    const amount = amounts[index];
    if (amount == null) return 'Amount';
    return `Rest ${writeAmount(isNegative(total) ? negate(amount) : amount, separators)}`;
  };
  return (
    <div className={styles.rows}>
      {rows.map((row, index) => (
        <RowFields
          key={row.key}
          {...{ row, index, total, path, problemAt }}
          many={split || rows.length > 1}
          rest={restOf(index)}
          onChange={(given) => onRows(rows.map((one) => (one === row ? { ...row, ...given } : one)))}
          onRemove={rows.length > (split ? 2 : 1) ? () => onRows(rows.filter((one) => one !== row)) : null}
        />
      ))}
      <Group gap="xs">
        <Button size="compact-xs" variant="default" onClick={() => onRows([...rows, emptyRow()])}>
          Add line
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => onRows([...rows, emptyRow({ fee: true })])}
        >
          Add fee
        </Button>
      </Group>
    </div>
  );
}
