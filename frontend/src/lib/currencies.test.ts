import { describe, expect, it } from 'vitest';
import { currencyDigits } from './currencies';

describe('currencyDigits', () => {
  it.each([
    ['USD', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['X:POINTS', 2],
    ['', 2],
  ])('%s has %i', (currency, digits) => {
    expect(currencyDigits(currency)).toBe(digits);
  });
});
