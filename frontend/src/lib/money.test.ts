import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compare,
  digitsOf,
  formatBalance,
  formatDecimal,
  formatSigned,
  isNegative,
  isZero,
  magnitude,
  negate,
  subtract,
  sum,
  withSignOf,
} from './money';

const digits = fc.stringMatching(/^[1-9]\d{0,30}$/);
const fraction = fc.stringMatching(/^\d{2}$/);

describe('formatDecimal', () => {
  it('refuses what is no decimal', () => {
    for (const wrong of ['', '1e3', 'NaN', '1,000.00', '.5', '1.'])
      expect(() => formatDecimal(wrong)).toThrow(RangeError);
  });

  it.each([
    ['0.00', '0.00'],
    ['-0.00', '0.00'],
    ['7', '7'],
    ['999.99', '999.99'],
    ['1000.00', '1,000.00'],
    ['-1234567.80', '\u22121,234,567.80'],
    ['12.345', '12.345'],
    ['90071992547409931.01', '90,071,992,547,409,931.01'],
  ])('%s becomes %s', (amount, text) => {
    expect(formatDecimal(amount)).toBe(text);
  });

  it('keeps every digit, however large the amount', () => {
    fc.assert(
      fc.property(digits, fraction, (whole, cents) => {
        expect(formatDecimal(`${whole}.${cents}`).replaceAll(',', '')).toBe(`${whole}.${cents}`);
      }),
      { numRuns: 100 },
    );
  });
});

describe('formatSigned', () => {
  it.each([
    ['12.00', '+12.00'],
    ['-12.00', '\u221212.00'],
    ['0.00', '0.00'],
  ])('%s becomes %s', (amount, text) => {
    expect(formatSigned(amount)).toBe(text);
  });
});

describe('formatBalance', () => {
  it.each([
    ['-1240.00', 'OWED', 'Owed 1,240.00'],
    ['15.50', 'OWED', 'In credit 15.50'],
    ['0.00', 'OWED', '0.00'],
    ['-20.00', 'HELD', '\u221220.00'],
    ['84210.55', 'HELD', '84,210.55'],
  ])('%s of kind %s becomes %s', (amount, kind, text) => {
    expect(formatBalance(amount, kind)).toBe(text);
  });
});

describe('isNegative and magnitude', () => {
  it('agree on every amount', () => {
    fc.assert(
      fc.property(digits, fraction, fc.boolean(), (whole, cents, negative) => {
        const amount = `${negative ? '-' : ''}${whole}.${cents}`;
        expect(isNegative(amount)).toBe(negative);
        expect(magnitude(amount)).toBe(`${whole}.${cents}`);
      }),
      { numRuns: 100 },
    );
  });
});

/** Amounts of 0 to 3 digits, of any size, with their exact value in thousandths. */
const amounts = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 3 }))
  .map(([units, digits]) => {
    const text = (units < 0n ? -units : units).toString().padStart(digits + 1, '0');
    const cut = text.length - digits;
    const fraction = digits > 0 ? `.${text.slice(cut)}` : '';
    const amount = `${units < 0n ? '-' : ''}${text.slice(0, cut)}${fraction}`;
    return { amount, thousandths: units * 10n ** BigInt(3 - digits) };
  });

describe('sum, subtract and negate', () => {
  it.each([
    [['0.10', '0.20'], '0.30'],
    [['-22.10', '22.10'], '0.00'],
    [['1', '0.005'], '1.005'],
    [[], '0'],
  ])('%j adds up to %s', (parts, total) => {
    expect(sum(parts)).toBe(total);
  });

  it('is exact, whatever the size', () => {
    fc.assert(
      fc.property(fc.array(amounts, { maxLength: 8 }), (parts) => {
        const total = sum(parts.map(({ amount }) => amount));
        const exact = parts.reduce((all, { thousandths }) => all + thousandths, 0n);
        const read = BigInt(total.replace('.', '')) * 10n ** BigInt(3 - digitsOf(total));
        expect(read).toBe(exact);
      }),
      { numRuns: 200 },
    );
  });

  it('takes away what it added', () => {
    fc.assert(
      fc.property(amounts, amounts, ({ amount: one }, { amount: other }) => {
        expect(compare(subtract(sum([one, other]), other), one)).toBe(0);
        expect(isZero(sum([one, negate(one)]))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('compare', () => {
  it('orders as the exact values do', () => {
    fc.assert(
      fc.property(amounts, amounts, (one, other) => {
        const exact =
          one.thousandths === other.thousandths ? 0 : one.thousandths < other.thousandths ? -1 : 1;
        expect(compare(one.amount, other.amount)).toBe(exact);
      }),
      { numRuns: 200 },
    );
  });
});

describe('withSignOf', () => {
  it.each([
    ['5.00', '-12.00', '-5.00'],
    ['-5.00', '12.00', '5.00'],
    ['0.00', '-12.00', '0.00'],
  ])('%s like %s is %s', (amount, like, signed) => {
    expect(withSignOf(amount, like)).toBe(signed);
  });
});
