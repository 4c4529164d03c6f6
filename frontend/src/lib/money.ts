/**
 * Money as the API gives it: a decimal string with exactly the currency's digits, and its currency.
 * Amounts stay strings from the wire to the screen: no amount ever passes through a number.
 */
export interface Money {
  amount: string;
  currency: string;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
const MINUS = '\u2212';
/** A comma after every three digits, counted from the right. */
const GROUPS = /\B(?=(\d{3})+$)/g;

/** The parts of a decimal string. @throws {RangeError} when it is none. */
function parse(amount: string): { negative: boolean; whole: string; fraction: string } {
  const [, sign, whole, fraction = ''] = DECIMAL.exec(amount) ?? [];
  if (whole === undefined) throw new RangeError(`Not a decimal: ${amount}`);
  const zero = /^0*$/.test(whole + fraction);
  return { negative: sign === '-' && !zero, whole: whole.replace(/^0+(?=\d)/, ''), fraction };
}

/** True for an amount below zero; "-0.00" is not. */
export function isNegative(amount: string): boolean {
  return parse(amount).negative;
}

/** The amount without its sign. */
export function magnitude(amount: string): string {
  const { whole, fraction } = parse(amount);
  return fraction ? `${whole}.${fraction}` : whole;
}

/** "-1234567.80" → "−1,234,567.80": grouped, all digits kept, with a real minus sign. */
export function formatDecimal(amount: string): string {
  const { negative, whole, fraction } = parse(amount);
  const grouped = whole.replace(GROUPS, ',');
  return `${negative ? MINUS : ''}${grouped}${fraction ? `.${fraction}` : ''}`;
}

/** Like formatDecimal, with "+" before money that came in. */
export function formatSigned(amount: string): string {
  const { negative, whole, fraction } = parse(amount);
  const zero = /^0*$/.test(whole + fraction);
  return negative || zero ? formatDecimal(amount) : `+${formatDecimal(amount)}`;
}

/**
 * A balance in an accountant's words: what a card owes is "Owed 1,240.00", a card that was
 * overpaid "In credit 12.00"; what a bank holds is the number alone.
 */
export function formatBalance(amount: string, kind: string): string {
  if (kind !== 'OWED' || magnitude(amount).replace(/[0.]/g, '') === '') return formatDecimal(amount);
  return `${isNegative(amount) ? 'Owed' : 'In credit'} ${formatDecimal(magnitude(amount))}`;
}
