import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBalance, formatDecimal, formatSigned, isNegative, magnitude } from './money';

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
