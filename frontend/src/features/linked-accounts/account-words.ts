import type { BankAccountFieldsFragment, RefreshFieldsFragment } from '@/graphql/generated/operations';

export type BankAccountRow = BankAccountFieldsFragment;

const TYPES: Record<string, string> = {
  BANK: 'Bank',
  CREDIT_CARD: 'Credit Card',
  LOAN: 'Loan',
  INVESTMENT: 'Investment',
  OTHER: 'Other',
};

/** The table's Type; a type that this page does not know yet is shown as the server names it. */
export const typeWords = (type: string): string => TYPES[type] ?? type.toLowerCase().replaceAll('_', ' ');

export const accountsWords = (count: number): string => (count === 1 ? '1 account' : `${count} accounts`);

export const loginsWords = (count: number): string => (count === 1 ? '1 login' : `${count} logins`);

/** Name and number, as a person tells accounts apart: "Payroll ••7730". */
export const fullName = ({ name, number }: { name: string; number: string | null }): string =>
  number ? `${name} ••${number}` : name;

/** 1240 → "1,240". */
export const counted = (count: number) => new Intl.NumberFormat('en').format(count);

/** What a refresh is doing at this moment, with its count so far. */
export function progressWords({ state, phase, accounts, balances, lines }: RefreshFieldsFragment): string {
  if (state === 'QUEUED') return 'Waiting to start';
  switch (phase) {
    case 'ACCOUNTS':
      return `Accounts · ${counted(accounts)}`;
    case 'BALANCES':
      return `Balances · ${counted(balances)}`;
    case 'TRANSACTIONS':
      return `Transactions · ${counted(lines)}`;
    case 'SAVING':
      return `Saving · ${counted(lines)}`;
    default:
      return 'Connecting';
  }
}

/** What a finished refresh brought: "12 new, 1 changed, 0 removed". */
export const outcomeWords = ({ added, modified, removed }: RefreshFieldsFragment): string =>
  `${counted(added)} new, ${counted(modified)} changed, ${counted(removed)} removed`;

/** The status column's words: what goes on while something does, else the last settled health. */
export function statusWords({ status, feedState }: Pick<BankAccountRow, 'status' | 'feedState'>): string {
  if (status.activity === 'RUNNING' && status.refresh) return progressWords(status.refresh);
  if (status.activity !== 'IDLE') return 'Waiting to start';
  if (feedState === 'CLOSED') return 'Closed at the Bank';
  if (feedState === 'ACCESS_LOST') return 'No Longer Shared';
  return status.label;
}

/** What a pull cannot heal: only the person, at the bank. */
const AT_THE_BANK = ['FIX', 'ENTER_CODE', 'RENEW'];

export const needsBankPage = ({ status }: Pick<BankAccountRow, 'status'>): boolean =>
  AT_THE_BANK.includes(status.action);
