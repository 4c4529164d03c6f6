import { describe, expect, it } from 'vitest';
import { separatorsOf } from '@/lib/typed-amount';
import { emptyRow, problemsOf, readRate, spread, toCodingLines, type CodingRow } from './coding-draft';

const EN = separatorsOf('en');
const account = { id: 'fees', number: '6100', name: 'Bank Fees', type: 'EXPENSE' as const, currency: null };
const row = (typed: string, given: Partial<CodingRow> = {}) => emptyRow({ typed, account, ...given });
const draftOf = (rows: CodingRow[], rate = '') => ({ rows, memo: '', reference: '', contact: '', rate });
const amountsOf = (rows: CodingRow[], total: string) =>
  toCodingLines(rows, total, EN).map(({ amount }) => amount);

describe('spread', () => {
  it('gives the last empty row the rest', () => {
    expect(amountsOf([row('60'), row('')], '-100.00')).toEqual(['-60.00', '-40.00']);
    expect(amountsOf([row('')], '12.34')).toEqual(['12.34']);
  });

  it('lets a fee eat from money that came in, and be a part of money that went out', () => {
    expect(amountsOf([row(''), row('3', { fee: true })], '97.00')).toEqual(['100.00', '-3.00']);
    expect(amountsOf([row(''), row('3', { fee: true })], '-100.00')).toEqual(['-97.00', '-3.00']);
  });

  it('takes a row against the direction of the line', () => {
    expect(amountsOf([row('120'), row('-20')], '-100.00')).toEqual(['-120.00', '20.00']);
  });

  it('says what no row has', () => {
    expect(spread([row('60'), row('30')], '-100.00', EN).left).toBe('-10.00');
  });
});

describe('problemsOf', () => {
  const problems = (rows: CodingRow[], foreign = false, rate = '') =>
    problemsOf(draftOf(rows, rate), '-100.00', EN, foreign);

  it('is silent when all is well', () => {
    expect(problems([row('60'), row('')])).toEqual({});
    expect(problems([row('')], true, '1.0845')).toEqual({});
  });

  it('names each field', () => {
    expect(Object.keys(problems([row('sixty', { account: null }), row('60'), row('60')]))).toEqual([
      'lines.0.ledgerAccountId',
      'lines.0.amount',
    ]);
    expect(problems([row('100'), row('')])).toEqual({ 'lines.1.amount': 'Nothing is left for this line.' });
    expect(Object.keys(problems([row(''), row('')]))).toEqual(['lines.0.amount']);
    expect(problems([row('60'), row('30')])).toEqual({
      lines: 'The lines differ from the bank’s amount by 10.00.',
    });
    expect(Object.keys(problems([row('')], true))).toEqual(['rates']);
  });
});

describe('readRate', () => {
  it.each([
    ['1.0845', '1.0845'],
    ['1,0845', '1.0845'],
    ['1.500', '1.5'],
    ['2', '2'],
    ['0', null],
    ['-1', null],
    ['x', null],
  ])('%s is %s', (typed, rate) => {
    expect(readRate(typed)).toBe(rate);
  });
});
