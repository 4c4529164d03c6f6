import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal } from './money';
import { readAmount, separatorsOf, writeAmount } from './typed-amount';

const EN = separatorsOf('en-US');
const DE = separatorsOf('de-DE');
const FR = separatorsOf('fr-FR');
const CH = separatorsOf('de-CH');
const IN = separatorsOf('en-IN');

describe('readAmount', () => {
  it.each([
    ['12', '12.00'],
    ['12.5', '12.50'],
    ['.5', '0.50'],
    ['007', '7.00'],
    ['1,234.50', '1234.50'],
    ['1,234', '1234.00'],
    ['1 234.50', '1234.50'],
    ['-12', '-12.00'],
    ['\u221212.00', '-12.00'],
    ['(12.00)', '-12.00'],
    ['12.00-', '-12.00'],
    ['+12', '12.00'],
    ['-0', '0.00'],
    ['1.234,50', '1234.50'],
    ['12,5', '12.50'],
    ['90071992547409931.01', '90071992547409931.01'],
  ])('reads %s as %s for a person who writes English', (typed, amount) => {
    expect(readAmount(typed, 2, EN)).toBe(amount);
  });

  it.each([
    ['1.234,50', '1234.50'],
    ['1.234', '1234.00'],
    ['12,5', '12.50'],
    ['12.50', '12.50'],
    ['1,234.50', '1234.50'],
  ])('reads %s as %s for a person who writes German', (typed, amount) => {
    expect(readAmount(typed, 2, DE)).toBe(amount);
  });

  it('takes lakhs and Swiss apostrophes', () => {
    expect(readAmount('1,00,000.00', 2, IN)).toBe('100000.00');
    expect(readAmount('1\u2019234.50', 2, CH)).toBe('1234.50');
    expect(readAmount('1\u202f234,50', 2, FR)).toBe('1234.50');
  });

  it('takes any mark as a group where the currency has no digits', () => {
    expect(readAmount('1,500', 0, DE)).toBe('1500');
    expect(readAmount('1.500', 0, EN)).toBe('1500');
    expect(readAmount('15.5', 0, EN)).toBeNull();
  });

  it.each(['', '-', '.', 'abc', '12.345', '1,23,4', '1,2,3', '--5', '-5-', '1.2.3', '12 USD', '()'])(
    'refuses %s',
    (typed) => {
      expect(readAmount(typed, 2, EN)).toBeNull();
    },
  );

  it('reads back what it wrote, in every way of writing', () => {
    const amount = fc
      .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.constantFrom(0, 2, 3))
      .map(([units, digits]) => {
        const text = (units < 0n ? -units : units).toString().padStart(digits + 1, '0');
        const cut = text.length - digits;
        const fraction = digits > 0 ? `.${text.slice(cut)}` : '';
        return { digits, amount: `${units < 0n ? '-' : ''}${text.slice(0, cut)}${fraction}` };
      });
    fc.assert(
      fc.property(amount, fc.constantFrom(EN, DE, FR, CH, IN), ({ amount, digits }, separators) => {
        expect(readAmount(writeAmount(amount, separators), digits, separators)).toBe(amount);
      }),
      { numRuns: 300 },
    );
  });

  it('never invents a digit', () => {
    const typed = fc.string({ unit: fc.constantFrom(...Array.from('0123456789.,-() ')) });
    fc.assert(
      fc.property(typed, fc.constantFrom(EN, DE), (text, separators) => {
        const read = readAmount(text, 2, separators);
        if (read === null) return;
        const significant = (of: string) => of.replace(/\D/g, '').replace(/^0+|0+$/g, '');
        expect(significant(read)).toBe(significant(text));
        expect(formatDecimal(read)).toBeTypeOf('string');
      }),
      { numRuns: 500 },
    );
  });
});
