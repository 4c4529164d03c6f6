import { describe, expect, it } from 'vitest';
import { countsWords, listed, monthWords, previewWords, receiptTitle, type Preview } from './deletion-words';

const account = (erasedCount: number, keptCount: number, name = 'Payroll') => ({
  __typename: 'AccountErasure' as const,
  erasedCount,
  keptCount,
  months: [],
  bankAccount: { __typename: 'BankAccount' as const, id: name, name, number: '7730' },
});

const preview = (given: Partial<Preview> = {}): Preview => ({
  token: 't',
  aggregatorKeeps: false,
  accounts: [account(24, 1180)],
  endedLinks: [],
  siblings: [],
  ...given,
});

describe('previewWords', () => {
  it('count what goes and what stays', () => {
    expect(previewWords(preview()).slice(0, 2)).toEqual([
      'Erases 24 bank transactions that are not reconciled.',
      '1,180 reconciled or partly matched lines stay, and stay reconciled if you add the account again.',
    ]);
  });

  it('count one as one, and none as none', () => {
    expect(previewWords(preview({ accounts: [account(1, 1)] })).slice(0, 2)).toEqual([
      'Erases 1 bank transaction that is not reconciled.',
      '1 reconciled or partly matched line stays, and stays reconciled if you add the account again.',
    ]);
    expect(previewWords(preview({ accounts: [account(0, 0)] }))).toEqual([
      'Erases nothing: there is no bank transaction that is not reconciled.',
      'You can add it back with Add Bank/CC; the bank may then give less history.',
    ]);
  });

  it('say that the last account takes its sign-in along', () => {
    expect(previewWords(preview({ endedLinks: [{ id: 'k1', name: 'Chase – jdoe' }] }))[2]).toBe(
      'This is the last account of Chase – jdoe, so its sign-in is removed too. You will have to sign in again to add it.',
    );
  });

  it('say which logins several accounts take along', () => {
    const ended = [
      { id: 'k1', name: 'Chase – jdoe' },
      { id: 'k2', name: 'N26' },
    ];
    const both = preview({ accounts: [account(1, 0), account(2, 0)], endedLinks: ended });
    expect(previewWords(both)[1]).toBe(
      'No account is left of Chase – jdoe and N26, so their sign-ins are removed too. You will have to sign in again to add them.',
    );
  });

  it('say what the aggregator keeps while siblings stay', () => {
    const siblings = ['a', 'b', 'c', 'd'].map((name) => ({ id: name, name, number: null }));
    expect(previewWords(preview({ aggregatorKeeps: true, siblings }))[2]).toBe(
      'The bank aggregator keeps what it has while other accounts of this login stay (a, b and c and 1 more); what it still sends is dropped.',
    );
  });
});

describe('the words of a receipt', () => {
  it('name one account, and count several', () => {
    const one = {
      bankAccountId: 'a',
      name: 'Payroll',
      number: '7730',
      erasedCount: 1,
      keptCount: 0,
      months: [],
    };
    expect(receiptTitle({ accounts: [one] })).toBe('Deleted Payroll ••7730');
    expect(receiptTitle({ accounts: [one, one] })).toBe('Deleted 2 accounts');
  });

  it('say what went and what stayed, and when it was', () => {
    expect(countsWords({ erasedCount: 24, keptCount: 1180 })).toBe('24 lines erased, 1,180 kept.');
    expect(countsWords({ erasedCount: 1, keptCount: 0 })).toBe('1 line erased, 0 kept.');
    expect(monthWords('2026-03')).toBe('Mar 2026');
    expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
  });
});
