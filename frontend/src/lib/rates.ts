/** Exchange rates: decimal strings, units of one currency for one unit of another. */
import { digitsOf, isNegative, magnitude } from './money';

const unitsOf = (decimal: string) => BigInt(magnitude(decimal).replace('.', ''));

function toDecimal(units: bigint, digits: number): string {
  const text = units.toString().padStart(digits + 1, '0');
  const cut = text.length - digits;
  return digits > 0 ? `${text.slice(0, cut)}.${text.slice(cut)}` : text;
}

const divideHalfUp = (over: bigint, under: bigint) => (2n * over + under) / (2n * under);

/** What an amount is at a rate, rounded half-up to `digits`; it keeps its sign. */
export function convert(amount: string, rate: string, digits: number): string {
  const given = digitsOf(amount) + digitsOf(rate);
  const units = unitsOf(amount) * unitsOf(rate) * 10n ** BigInt(digits);
  const converted = toDecimal(divideHalfUp(units, 10n ** BigInt(given)), digits);
  return isNegative(amount) && /[1-9]/.test(converted) ? `-${converted}` : converted;
}

/** How much of the one for a unit of the other, six digits at most; null when the other is zero. */
export function rateOf(one: string, other: string): string | null {
  const under = unitsOf(other) * 10n ** BigInt(digitsOf(one));
  if (under === 0n) return null;
  const over = unitsOf(one) * 10n ** BigInt(digitsOf(other) + 6);
  return toDecimal(divideHalfUp(over, under), 6).replace(/\.?0+$/, '');
}
