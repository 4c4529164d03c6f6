import { TextInput } from '@mantine/core';
import styles from './date-field.module.css';

interface DateFieldProps {
  label: string;
  /** "YYYY-MM-DD", or "". */
  value: string;
  onChange: (date: string) => void;
}

/** A date beside its label, for the bar above a list. */
export function DateField({ label, value, onChange }: DateFieldProps) {
  return (
    <label className={styles.field}>
      {label}
      <TextInput
        type="date"
        size="xs"
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </label>
  );
}
