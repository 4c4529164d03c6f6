import { TextInput } from '@mantine/core';
import { readAmount, writeAmount, type Separators } from '@/lib/typed-amount';

interface AmountFieldProps {
  label: string;
  typed: string;
  onType: (typed: string) => void;
  digits: number;
  separators: Separators;
  placeholder?: string;
  error?: string | undefined;
  quiet?: boolean;
}

/** An amount as the person writes it; when it is left, it is written out, so that one sees how it was read. */
export function AmountField(props: AmountFieldProps) {
  const { label, typed, onType, digits, separators, quiet = false, error, placeholder } = props;
  const writeOut = () => {
    const read = readAmount(typed, digits, separators);
    if (read !== null) onType(writeAmount(read, separators));
  };
  return (
    <TextInput
      {...(quiet ? { 'aria-label': label } : { label })}
      inputMode="decimal"
      autoComplete="off"
      styles={{ input: { textAlign: 'right', fontVariantNumeric: 'tabular-nums' } }}
      value={typed}
      placeholder={placeholder ?? ''}
      error={error}
      onChange={({ currentTarget }) => onType(currentTarget.value)}
      onBlur={writeOut}
    />
  );
}
