/**
 * Amounts as people type them: "1,234.50" or "1.234,50", "−12", "(12.00)", "12-". What can be read
 * in one way only is read so; the person's own way of writing numbers decides the rest.
 */
import { formatDecimal } from './money';

export interface Separators {
  group: string;
  decimal: string;
}

const SPACES = /[\s\u00a0\u202f'\u2019]/g;
const GROUPED = /^\d{1,3}(?:\D\d{2,3})*\D\d{3}$/;

/** The separators of a language: {group: ",", decimal: "."} for "en". */
export function separatorsOf(language: string): Separators {
  const parts = new Intl.NumberFormat(language).formatToParts(-1_234_567.5);
  const find = (type: string, otherwise: string) =>
    parts.find((part) => part.type === type)?.value ?? otherwise;
  return { group: find('group', ','), decimal: find('decimal', '.') };
}

/** The sign and what is left: a minus before or after, or brackets, as accountants write it. */
function takeSign(text: string): { negative: boolean; rest: string } {
  const [, inBrackets] = /^\((.+)\)$/.exec(text) ?? [];
  if (inBrackets !== undefined) return { negative: true, rest: inBrackets };
  const [, before = '', rest = '', after = ''] = /^([-\u2212+]?)([^-\u2212+]*)([-\u2212]?)$/.exec(text) ?? [];
  return {
    negative: before === '-' || before === '\u2212' || after !== '',
    rest: before && after ? '' : rest,
  };
}

/** Which of the two marks in the text is the decimal one; null when there is none. */
function decimalMark(text: string, digits: number, { group, decimal }: Separators): string | null {
  const marks = text.match(/[.,]/g) ?? [];
  const last = marks.at(-1);
  if (last === undefined) return null;
  if (marks.some((mark) => mark !== last)) return last;
  if (marks.length > 1 || digits === 0) return null;
  return GROUPED.test(text) && last === group && last !== decimal ? null : last;
}

/**
 * Reads a typed amount: a decimal string with exactly `digits` digits behind the point, or null
 * when it is none, could mean two things or has more digits than the currency. Nothing is rounded.
 */
export function readAmount(typed: string, digits: number, separators: Separators): string | null {
  const { negative, rest } = takeSign(typed.replace(SPACES, ''));
  const mark = decimalMark(rest, digits, separators);
  const at = mark === null ? rest.length : rest.lastIndexOf(mark);
  const [whole, fraction] = [rest.slice(0, at), rest.slice(at + 1)];
  if (!/^\d*$/.test(fraction) || fraction.length > digits || (whole === '' && fraction === '')) return null;
  if (!/^\d*$/.test(whole) && !GROUPED.test(whole)) return null;
  const number = whole.replace(/\D/g, '').replace(/^0+(?=\d)/, '') || '0';
  const amount = digits > 0 ? `${number}.${fraction.padEnd(digits, '0')}` : number;
  return negative && /[1-9]/.test(amount) ? `-${amount}` : amount;
}

/** An amount as this person would type it; `readAmount` gives it back. */
export function writeAmount(amount: string, { group, decimal }: Separators): string {
  const marks: Record<string, string> = { ',': group, '.': decimal, '\u2212': '-' };
  return formatDecimal(amount).replace(/[,.\u2212]/g, (mark) => marks[mark] ?? mark);
}
