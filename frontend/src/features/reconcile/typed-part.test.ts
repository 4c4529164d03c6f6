import { describe, expect, it } from 'vitest';
import { separatorsOf } from '@/lib/typed-amount';
import { readPart } from './typed-part';

const EN = separatorsOf('en');

describe('a typed part', () => {
  it.each([
    ['12.5', '-40.00', '-12.50'],
    ['-12.50', '-40.00', '-12.50'],
    ['40', '40.00', '40.00'],
  ])('%s of %s takes %s', (typed, open, part) => {
    expect(readPart(typed, open, EN)).toEqual({ part, problem: undefined });
  });

  it('is everything that is needed while nothing is typed', () => {
    expect(readPart(' ', '40.00', EN)).toEqual({ part: undefined, problem: undefined });
  });

  it.each([
    ['twelve', 'This can’t be read.'],
    ['0', 'Take more than zero, or leave the entry out.'],
    ['40.01', 'This is more than is open.'],
  ])('cannot be %s', (typed, problem) => {
    expect(readPart(typed, '40.00', EN)).toEqual({ part: undefined, problem });
  });
});
