import { describe, expect, it } from 'vitest';
import { csvPath, isNarrowed, readFilter, toVariables, writeFilter } from './transaction-filter';

const ADDRESS = '?q=uber&from=2026-11-01&to=2026-11-30&sort=-amount';

describe('the filter in the address', () => {
  it('ignores dates and orders that are none', () => {
    expect(readFilter('?from=yesterday&to=2026-1-1&sort=colour')).toEqual({
      search: '',
      from: '',
      to: '',
      sorting: [{ id: 'date', desc: true }],
    });
  });

  it.each(['', ADDRESS, '?from=2026-11-01', '?sort=date'])('comes back as it was written: %s', (address) => {
    expect(writeFilter(readFilter(address))).toBe(address);
  });
});

describe('toVariables', () => {
  it('asks for the newest first', () => {
    expect(toVariables('a1', readFilter(''))).toEqual({
      accountId: 'a1',
      first: 100,
      search: null,
      where: null,
      orderBy: [{ field: 'DATE', direction: 'DESC' }],
    });
  });

  it('passes the printed dates on as they are', () => {
    expect(toVariables('a1', readFilter(ADDRESS))).toEqual({
      accountId: 'a1',
      first: 100,
      search: 'uber',
      where: { datedOn: { gte: '2026-11-01', lte: '2026-11-30' } },
      orderBy: [{ field: 'AMOUNT', direction: 'DESC' }],
    });
  });
});

describe('csvPath', () => {
  it('names the same lines as the list', () => {
    expect(csvPath('a/1', readFilter(ADDRESS))).toBe(
      '/export/bank-transactions.csv?account=a%2F1&from=2026-11-01&to=2026-11-30&search=uber',
    );
  });
});

describe('isNarrowed', () => {
  it('is about what is left out, not about order', () => {
    expect(isNarrowed(readFilter('?sort=amount'))).toBe(false);
    expect(isNarrowed(readFilter('?to=2026-11-30'))).toBe(true);
  });
});
