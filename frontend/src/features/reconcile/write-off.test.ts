import { describe, expect, it } from 'vitest';
import { mayWriteOff } from './write-off';

const usd = (amount: string) => ({ amount, currency: 'USD' });

describe('what may be written off', () => {
  it.each([
    ['0.03', '1.00', true],
    ['-1.00', '1.00', true],
    ['1.01', '1.00', false],
    ['0.00', '1.00', false],
    ['0.01', '0.00', false],
  ])('%s with a limit of %s: %s', (left, limit, may) => {
    expect(mayWriteOff(usd(left), usd(limit))).toBe(may);
  });

  it('is not what is left in another currency than that of the limit', () => {
    expect(mayWriteOff({ amount: '0.03', currency: 'EUR' }, usd('1.00'))).toBe(false);
  });
});
