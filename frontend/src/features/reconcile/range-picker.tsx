import { useState } from 'react';
import { NativeSelect, TextInput } from '@mantine/core';
import { daysOf, monthOf, monthWords, recentMonths, type DateRange } from './calendar';
import styles from './reconcile.module.css';

interface RangePickerProps {
  range: DateRange;
  /** The day in the books' time zone. */
  today: string;
  onRange: (range: DateRange) => void;
}

const MONTHS_SHOWN = 24;

/** All dates, one month, or any first and last day. */
export function RangePicker({ range, today, onRange }: RangePickerProps) {
  const chosen = monthOf(range);
  const months = recentMonths(today, MONTHS_SHOWN);
  const everything = range.from === '' && range.to === '';

  const [typing, setTyping] = useState(false);
  const known = everything ? 'all' : (chosen ?? 'days');
  const shown = typing ? 'days' : known;
  const choose = (value: string) => {
    setTyping(value === 'days');
    if (value === 'all') onRange({ from: '', to: '' });
    else if (value !== 'days') onRange(daysOf(value));
  };
  const day = (key: keyof DateRange, label: string) => (
    <TextInput
      type="date"
      size="xs"
      aria-label={label}
      value={range[key]}
      onChange={({ currentTarget }) => onRange({ ...range, [key]: currentTarget.value })}
    />
  );
  return (
    <div className={styles.range} role="group" aria-label="Dates">
      <NativeSelect
        size="xs"
        aria-label="Month"
        value={shown}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
        data={[
          { value: 'all', label: 'All dates' },
          ...(chosen && !months.includes(chosen) ? [{ value: chosen, label: monthWords(chosen) }] : []),
          ...months.map((month) => ({ value: month, label: monthWords(month) })),
          { value: 'days', label: 'Other dates' },
        ]}
      />
      {shown === 'days' && (
        <>
          {day('from', 'From')}
          <span aria-hidden>–</span>
          {day('to', 'To')}
        </>
      )}
    </div>
  );
}
