import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChosenAccount } from './account-select';
import {
  amountOf,
  blankLine,
  draftProblems,
  foreignOf,
  inputOf,
  postingProblems,
  totalsOf,
  type EntryDraft,
  type LineDraft,
} from './entry-draft';

const manner = { base: 'USD', separators: { group: ',', decimal: '.' } };
const account = (number: string, currency: string | null = null): ChosenAccount => ({
  id: `id-${number}`,
  number,
  name: `Account ${number}`,
  currency,
});
const cash = account('1010', 'USD');
const rent = account('6200');
const euros = account('1035', 'EUR');

let nextKey = 0;
const line = (chosen: ChosenAccount | null, part: Partial<LineDraft> = {}): LineDraft => ({
  ...blankLine(nextKey++),
  account: chosen,
  ...part,
});
const draft = (lines: LineDraft[], part: Partial<EntryDraft> = {}): EntryDraft => ({
  postedOn: '2026-11-18',
  transactionOn: '',
  reference: '',
  contact: '',
  memo: '',
  lines: [...lines, blankLine(nextKey++)],
  rates: {},
  ...part,
});
const rentPaid = () => draft([line(rent, { debit: '1,200' }), line(cash, { credit: '1200.00' })]);

describe('postingProblems', () => {
  it.each<[string, EntryDraft, string]>([
    ['no date', { ...rentPaid(), postedOn: '' }, 'Give the date to post on.'],
    ['one line', draft([line(cash, { debit: '1' })]), 'An entry needs at least two lines.'],
    ['no account', draft([line(null, { debit: '1' })]), 'Line 1: choose a ledger account.'],
    ['no amount', draft([line(cash)]), 'Line 1: give an amount.'],
    ['zero', draft([line(cash, { debit: '0.00' })]), 'Line 1: an amount of zero says nothing.'],
    [
      'both sides',
      draft([line(cash, { debit: '1', credit: '2' })]),
      'Line 1: give a debit or a credit, not both.',
    ],
    ['no number', draft([line(cash, { debit: '1e3' })]), 'Line 1: “1e3” is no amount of USD.'],
    ['too many digits', draft([line(cash, { debit: '1.005' })]), 'Line 1: “1.005” is no amount of USD.'],
    [
      'too much debit',
      draft([line(rent, { debit: '12.50' }), line(cash, { credit: '12' })]),
      'The debits are 0.50 USD more than the credits.',
    ],
    [
      'too much credit',
      draft([line(rent, { debit: '12' }), line(cash, { credit: '1,012' })]),
      'The credits are 1,000.00 USD more than the debits.',
    ],
    [
      'no rate',
      draft([line(rent, { debit: '12' }), line(euros, { credit: '10' })]),
      'Give a rate for EUR: how many USD one EUR is worth.',
    ],
  ])('says why not: %s', (_, given, problem) => {
    expect(postingProblems(given, manner)[0]).toBe(problem);
  });

  it('has none when both sides agree, however they are typed', () => {
    expect(postingProblems(rentPaid(), manner)).toEqual([]);
  });

  it('allows what rounding by a rate leaves over, and no more', () => {
    const at = (usd: string) =>
      draft([line(rent, { debit: usd }), line(euros, { credit: '33.33' })], {
        rates: { EUR: { rate: '1.0811', rateOn: '2026-11-18' } },
      });
    expect(postingProblems(at('36.03'), manner)).toEqual([]);
    expect(postingProblems(at('36.05'), manner)).toEqual(['The debits are 0.02 USD more than the credits.']);
  });

  it('balances an entry of one foreign currency in that currency', () => {
    const both = draft(
      [line(euros, { debit: '10' }), line(account('4000'), { credit: '10', currency: 'EUR' })],
      { rates: { EUR: { rate: '1.1', rateOn: '' } } },
    );
    expect(postingProblems(both, manner)).toEqual([]);
    expect(totalsOf(both, manner)).toMatchObject({ currency: 'EUR', debit: '10.00', difference: '0.00' });
  });

  it('is never empty for a draft that can’t even be kept', () => {
    const unfinished = draft([line(null, { memo: 'what for' })]);
    expect(draftProblems(unfinished, manner)).toEqual(['Line 1: choose a ledger account.']);
    expect(postingProblems(unfinished, manner)).toContain('Line 1: choose a ledger account.');
  });
});

describe('totalsOf', () => {
  const cents = fc.bigInt({ min: 1n, max: 10n ** 14n });
  const typed = (units: bigint) => `${units / 100n}.${String(units % 100n).padStart(2, '0')}`;

  it('adds every cent, however large the amounts', () => {
    fc.assert(
      fc.property(fc.array(cents, { minLength: 1, maxLength: 8 }), (amounts) => {
        const all = amounts.reduce((one, other) => one + other);
        const lines = amounts.map((units) => line(rent, { debit: typed(units) }));
        const totals = totalsOf(draft([...lines, line(cash, { credit: typed(all) })]), manner);
        expect(totals).toEqual({
          currency: 'USD',
          debit: typed(all),
          credit: typed(all),
          difference: '0.00',
          balanced: true,
        });
      }),
    );
  });

  it('is off by what one side has more, to the cent', () => {
    fc.assert(
      fc.property(cents, cents, (one, other) => {
        fc.pre(one !== other);
        const given = draft([line(rent, { debit: typed(one) }), line(cash, { credit: typed(other) })]);
        const { difference, balanced } = totalsOf(given, manner);
        expect(balanced).toBe(false);
        expect(difference.replace('-', '')).toBe(typed(one > other ? one - other : other - one));
        expect(difference.startsWith('-')).toBe(other > one);
      }),
    );
  });
});

describe('amountOf and foreignOf', () => {
  it('give a credit below zero, in the digits of its currency', () => {
    expect(amountOf(line(account('1099', 'JPY'), { credit: '1200' }), manner)).toBe('-1200');
    expect(amountOf(line(cash, { debit: '(5.00)' }), manner)).toBe('-5.00');
  });

  it('ask for a rate of each foreign currency once', () => {
    expect(foreignOf([line(euros, { debit: '1' }), line(cash), line(euros), line(rent)], 'USD')).toEqual([
      'EUR',
    ]);
  });
});

describe('inputOf', () => {
  it('leaves out empty lines, and sends amounts as signed decimals', () => {
    const given = { ...rentPaid(), memo: ' November ', rates: { EUR: { rate: '1.1', rateOn: '' } } };
    expect(inputOf(given, manner)).toEqual({
      postedOn: '2026-11-18',
      transactionOn: null,
      reference: null,
      contact: null,
      memo: 'November',
      rates: [],
      lines: [
        { ledgerAccountId: 'id-6200', amount: '1200.00', currency: 'USD', memo: null },
        { ledgerAccountId: 'id-1010', amount: '-1200.00', currency: 'USD', memo: null },
      ],
    });
  });

  it('sends the rates that are needed, dated like the entry unless said otherwise', () => {
    const given = draft([line(rent, { debit: '11' }), line(euros, { credit: '10' })], {
      rates: { EUR: { rate: '1,1', rateOn: '' }, GBP: { rate: '1.3', rateOn: '2026-01-01' } },
    });
    expect(inputOf(given, manner).rates).toEqual([{ currency: 'EUR', rate: '1.1', rateOn: '2026-11-18' }]);
  });
});
