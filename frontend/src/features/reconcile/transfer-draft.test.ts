import { describe, expect, it } from 'vitest';
import { separatorsOf } from '@/lib/typed-amount';
import {
  currenciesWithoutRate,
  exchangeAccountOf,
  feeOf,
  otherAmount,
  rateWords,
  transferProblems,
  unexplained,
  type TransferDraft,
} from './transfer-draft';

const EN = separatorsOf('en');
const usd = (amount: string) => ({ amount, currency: 'USD' });
const euros = { id: 'eur', number: '1035', name: 'EUR Savings', type: 'ASSET' as const, currency: 'EUR' };
const dollars = { ...euros, id: 'usd', currency: 'USD' };
const draft = (given: Partial<TransferDraft>): TransferDraft => ({
  other: null,
  account: null,
  otherTyped: '',
  feeAccount: null,
  feeTyped: '',
  rates: {},
  ...given,
});
const problems = (given: Partial<TransferDraft>, base = 'USD') =>
  transferProblems(draft(given), usd('-108.45'), { separators: EN, base, digits: 2 });

describe('a transfer in two currencies', () => {
  it('takes the other amount with the other sign, and its rate from both', () => {
    const other = otherAmount(draft({ account: euros, otherTyped: '100' }), usd('-108.45'), EN);
    expect(other).toEqual({ amount: '100.00', currency: 'EUR' });
    expect(rateWords(usd('-108.45'), other, '0', 'USD')).toBe('1 EUR = 1.0845 USD');
  });

  it('says the rate in base, whichever side is in hand, and without the fee', () => {
    const euro = { amount: '-100.00', currency: 'EUR' };
    expect(rateWords(euro, usd('108.45'), '0', 'USD')).toBe('1 EUR = 1.0845 USD');
    expect(rateWords(euro, usd('107.37'), '-1.00', 'USD')).toBe('1 EUR = 1.084545 USD');
    const received = { amount: '100.00', currency: 'EUR' };
    expect(rateWords(usd('-109.45'), received, '-1.00', 'USD')).toBe('1 EUR = 1.0845 USD');
    expect(rateWords(usd('-1.00'), received, '-1.00', 'USD')).toBeNull();
  });

  it('needs what the other account got', () => {
    expect(problems({ account: euros })).toEqual({ otherAmount: 'Give what the other account got, in EUR.' });
    expect(problems({ account: euros, otherTyped: '100' })).toEqual({});
  });

  it('needs a rate for each side when neither is in base', () => {
    expect(currenciesWithoutRate(usd('1.00'), 'EUR', 'GBP')).toEqual(['USD', 'EUR']);
    expect(currenciesWithoutRate(usd('1.00'), 'EUR', 'EUR')).toEqual([]);
    expect(Object.keys(problems({ account: euros, otherTyped: '100' }, 'GBP'))).toEqual([
      'rates.USD',
      'rates.EUR',
    ]);
  });
});

describe('a fee on the way', () => {
  it('is an expense, whatever sign one types', () => {
    expect(feeOf(draft({ feeTyped: '3' }), 2, EN)).toBe('-3.00');
    expect(feeOf(draft({ feeTyped: '-3' }), 2, EN)).toBe('-3.00');
    expect(feeOf(draft({ feeTyped: 'x' }), 2, EN)).toBeNull();
  });

  it('explains what the two sides differ by', () => {
    expect(unexplained(usd('-100.00'), usd('97.00'), '-3.00')).toBe('0.00');
    expect(unexplained(usd('-100.00'), usd('97.00'), '0')).toBe('-3.00');
  });

  it('needs its account', () => {
    expect(problems({ account: dollars, feeTyped: '3' })).toEqual({
      'fees.0.ledgerAccountId': 'Choose the account of the fee.',
    });
  });
});

describe('the account for exchange gains and losses', () => {
  const account = (name: string, given: object = {}) => ({
    ...{ id: name, number: '7000', name, type: 'EXPENSE' as const, currency: null, bankAccount: null },
    ...given,
  });

  it('is known by its name', () => {
    const found = account('Foreign Exchange Gain or Loss');
    expect(exchangeAccountOf([account('Stock Exchange Fees'), found])).toBe(found);
    expect(exchangeAccountOf([account('Rent')])).toBeNull();
  });

  it('is neither an account of a bank nor an asset', () => {
    const kept = account('Foreign Exchange', { bankAccount: { id: 'a1' } });
    expect(exchangeAccountOf([kept, account('Foreign Exchange', { type: 'ASSET' })])).toBeNull();
  });
});
