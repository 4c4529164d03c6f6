/**
 * Two kinds of time. A *date* is what a bank prints ("2026-11-18"): it is read by its digits and
 * never moved by a time zone. A *moment* is an RFC 3339 instant in UTC: it is shown in the
 * reader's own zone.
 */
export const MONTH_NAMES = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
];
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "2026-11-08" → "8 Nov 2026". @throws {RangeError} when it is no date. */
export function formatDate(date: string): string {
  const [, year, month, day] = DATE.exec(date) ?? [];
  const name = MONTH_NAMES[Number(month) - 1];
  if (year === undefined || name === undefined) throw new RangeError(`Not a date: ${date}`);
  return `${Number(day)} ${name} ${year}`;
}

/** Today as a date, in the zone of the organization's books. */
export function todayIn(timeZone: string, now = new Date()): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(now);
  const part = (name: string) => parts.find(({ type }) => type === name)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

const two = (value: number) => String(value).padStart(2, '0');
const clock = (at: Date) => `${two(at.getHours())}:${two(at.getMinutes())}`;
const dayOf = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

function monthDay(at: Date, now: Date): string {
  const day = `${at.getDate()} ${MONTH_NAMES[at.getMonth()] ?? ''}`;
  return at.getFullYear() === now.getFullYear() ? day : `${day} ${at.getFullYear()}`;
}

/** The moment in full, in the reader's zone: "18 Nov 2026, 14:02:09 GMT+1". */
export function formatMoment(moment: string): string {
  const at = new Date(moment);
  const zone = new Intl.DateTimeFormat('en', { timeZoneName: 'short' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const day = `${at.getDate()} ${MONTH_NAMES[at.getMonth()] ?? ''} ${at.getFullYear()}`;
  return `${day}, ${clock(at)}:${two(at.getSeconds())} ${zone ?? ''}`.trim();
}

/** Day and time of day, in the reader's zone: "12 Nov 14:05", with the year when it is another one. */
export function formatStamp(moment: string, now: Date): string {
  const at = new Date(moment);
  return `${monthDay(at, now)} ${clock(at)}`;
}

/** How long ago: "just now", "4 min ago", "3 h ago", "5 d ago", then "12 Nov" or "12 Nov 2025". */
export function formatAgo(moment: string, now: Date): string {
  const at = new Date(moment);
  const passed = now.getTime() - at.getTime();
  if (passed < MINUTE) return 'just now';
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h ago`;
  if (passed < 7 * DAY) return `${Math.floor(passed / DAY)} d ago`;
  return monthDay(at, now);
}

/** When it comes: "due now", "Today 18:40", "Tomorrow 06:00", then "25 Nov 18:40". */
export function formatDue(moment: string, now: Date): string {
  const at = new Date(moment);
  if (at.getTime() <= now.getTime()) return 'due now';
  const days = Math.round((dayOf(at) - dayOf(now)) / DAY);
  if (days === 0) return `Today ${clock(at)}`;
  if (days === 1) return `Tomorrow ${clock(at)}`;
  return `${monthDay(at, now)} ${clock(at)}`;
}

/** The time between two moments: "0.8 s", "42 s", "3 min 5 s". */
export function formatDuration(from: string, to: string): string {
  const passed = Math.max(0, new Date(to).getTime() - new Date(from).getTime());
  if (passed < 10_000) return `${(passed / 1000).toFixed(1)} s`;
  const seconds = Math.round(passed / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
