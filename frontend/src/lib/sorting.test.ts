import { describe, expect, it } from 'vitest';
import { readSort, writeSort } from './sorting';

const ALLOWED = { date: 1, number: 2 };
const NEWEST = { id: 'date', desc: true };

describe('the order in the address', () => {
  it.each(['', 'colour', '-', 'toString', '-colour'])('“%s” is none, so the usual one is taken', (text) => {
    expect(readSort(text, ALLOWED, NEWEST)).toEqual([NEWEST]);
  });

  it.each(['date', 'number', '-number'])('“%s” comes back as it was written', (text) => {
    expect(writeSort(readSort(text, ALLOWED, NEWEST), NEWEST)).toBe(text);
  });

  it('is left out when it is the usual one', () => {
    expect(writeSort([NEWEST], NEWEST)).toBe('');
    expect(writeSort([], NEWEST)).toBe('');
  });
});
