import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, isNegative, magnitude, subtract } from './money';
import { convert, rateOf } from './rates';

describe('convert', () => {
  it.each([
    ['100.00', '1.0845', 2, '108.45'],
    ['-100.00', '1.0845', 2, '-108.45'],
    ['0.01', '0.5', 2, '0.01'],
    ['-0.01', '0.4', 2, '0.00'],
    ['1500', '0.0066', 2, '9.90'],
    ['33.33', '3', 0, '100'],
  ])('%s at %s is %s', (amount, rate, digits, converted) => {
    expect(convert(amount, rate, digits)).toBe(converted);
  });
});

describe('rateOf', () => {
  it.each([
    ['108.45', '-100.00', '1.0845'],
    ['1.00', '3.00', '0.333333'],
    ['200', '100.00', '2'],
    ['1.00', '0.00', null],
  ])('%s for %s is %s', (one, other, rate) => {
    expect(rateOf(one, other)).toBe(rate);
  });

  it('turns the other amount into the one again, within what six digits leave', () => {
    const cents = fc
      .integer({ min: 100, max: 999_999 })
      .map((n) => `${Math.floor(n / 100)}.${String(n % 100).padStart(2, '0')}`);
    fc.assert(
      fc.property(cents, cents, (one, other) => {
        const rate = rateOf(one, other);
        expect(rate).not.toBeNull();
        const back = convert(other, rate ?? '1', 2);
        expect(isNegative(back)).toBe(false);
        expect(compare(magnitude(subtract(back, one)), '0.01')).toBeLessThanOrEqual(0);
      }),
      { numRuns: 200 },
    );
  });
});
