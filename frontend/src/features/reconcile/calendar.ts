import { MONTH_NAMES } from '@/lib/dates';

export interface DateRange {
  from: string;
  to: string;
}

const two = (value: number) => String(value).padStart(2, '0');

/** The last day of a month, counted from 1: February knows its leap years. */
function lastDay(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** The first and last day of a month. @param month "2026-11" */
export function daysOf(month: string): DateRange {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return { from: `${month}-01`, to: `${month}-${two(lastDay(year, number))}` };
}

/** The month that these days are the whole of, or null. */
export function monthOf({ from, to }: DateRange): string | null {
  const month = from.slice(0, 7);
  return from !== '' && daysOf(month).from === from && daysOf(month).to === to ? month : null;
}

/** The month before or after. @param step −1, or 1 */
export function monthBeside(month: string, step: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const at = year * 12 + number - 1 + step;
  return `${String(Math.floor(at / 12)).padStart(4, '0')}-${two((at % 12) + 1)}`;
}

/** "2026-11" → "Nov 2026". */
export function monthWords(month: string): string {
  const [year = '', number] = month.split('-');
  return `${MONTH_NAMES[Number(number) - 1] ?? ''} ${year}`;
}

/** The newest months first, that of `today` among them. */
export function recentMonths(today: string, count: number): string[] {
  return Array.from({ length: count }, (_, back) => monthBeside(today.slice(0, 7), -back));
}

/** The day before or after, by the calendar: no time zone moves it. @param step days */
export function dayBeside(date: string, step: number): string {
  const at = new Date(`${date}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + step);
  return at.toISOString().slice(0, 10);
}
