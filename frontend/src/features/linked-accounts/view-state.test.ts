import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFiltered, ORDER_FIELDS, readView, toVariables, writeView, type ViewState } from './view-state';

const view: fc.Arbitrary<ViewState> = fc.record({
  search: fc.string().map((text) => text.trim()),
  status: fc.constantFrom('', 'attention', 'ok', 'other'),
  type: fc.constantFrom('', 'BANK', 'CREDIT_CARD'),
  ledger: fc.constantFrom('', 'linked', 'none'),
  sorting: fc
    .record({ id: fc.constantFrom(...Object.keys(ORDER_FIELDS)), desc: fc.boolean() })
    .map((sort) => [sort]),
});

describe('the view in the address', () => {
  it('ignores what it does not know', () => {
    const fallback = { search: '', status: '', type: '', ledger: '', sorting: [{ id: 'name', desc: false }] };
    expect(readView('?status=sleepy&type=SHOE&ledger=maybe&sort=-colour')).toEqual(fallback);
  });

  it('says nothing about a view that nobody changed', () => {
    expect(writeView(readView(''))).toBe('');
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(view, (state) => {
        expect(readView(writeView(state))).toEqual(state);
      }),
      { numRuns: 100 },
    );
  });
});

describe('toVariables', () => {
  it('asks for everything by name when nobody asked for more', () => {
    expect(toVariables(readView(''))).toEqual({
      first: 100,
      search: null,
      where: null,
      orderBy: [{ field: 'NAME', direction: 'ASC' }],
    });
  });

  it('lets the server search, filter and order', () => {
    expect(toVariables(readView('?q=%20ops&status=ok&type=BANK&ledger=none&sort=-balance'))).toEqual({
      first: 100,
      search: 'ops',
      where: {
        and: [{ status: { eq: 'OK' } }, { type: { eq: 'BANK' } }, { ledgerAccount: { isNull: true } }],
      },
      orderBy: [{ field: 'CURRENT_BALANCE', direction: 'DESC' }],
    });
  });
});

describe('isFiltered', () => {
  it('is about filters, not about order', () => {
    expect(isFiltered(readView('?sort=-balance'))).toBe(false);
    expect(isFiltered(readView('?status=attention'))).toBe(true);
  });
});
