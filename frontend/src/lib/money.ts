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

/** How many digits stand behind the point: what the currency has, in an amount of the API. */
export const digitsOf = (amount: string): number => parse(amount).fraction.length;

/** The amount in units of 10^−digits. */
function toUnits(amount: string, digits: number): bigint {
  const { negative, whole, fraction } = parse(amount);
  const units = BigInt(whole + fraction.padEnd(digits, '0'));
  return negative ? -units : units;
}

function fromUnits(units: bigint, digits: number): string {
  const text = (units < 0n ? -units : units).toString().padStart(digits + 1, '0');
  const cut = text.length - digits;
  const fraction = digits > 0 ? `.${text.slice(cut)}` : '';
  return `${units < 0n ? '-' : ''}${text.slice(0, cut)}${fraction}`;
}

/** The exact sum, with as many digits as the finest of the amounts; of none it is "0". */
export function sum(amounts: readonly string[]): string {
  const digits = Math.max(0, ...amounts.map(digitsOf));
  return fromUnits(
    amounts.reduce((total, amount) => total + toUnits(amount, digits), 0n),
    digits,
  );
}

/** The amount with the other sign. */
export const negate = (amount: string): string =>
  fromUnits(-toUnits(amount, digitsOf(amount)), digitsOf(amount));

/** `from` less `amount`, exactly. */
export const subtract = (from: string, amount: string): string => sum([from, negate(amount)]);

/** −1, 0 or 1, as `one` is below, equal to or above `other`. */
export function compare(one: string, other: string): -1 | 0 | 1 {
  const digits = Math.max(digitsOf(one), digitsOf(other));
  const [left, right] = [toUnits(one, digits), toUnits(other, digits)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

export const isZero = (amount: string): boolean => compare(amount, '0') === 0;

/** The amount with the sign that `like` has. */
export function withSignOf(amount: string, like: string): string {
  return isNegative(like) ? negate(magnitude(amount)) : magnitude(amount);
}
