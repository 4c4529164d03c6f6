import type { ChartAccountFieldsFragment, LedgerAccountType } from '@/graphql/generated/operations';

export type ChartAccount = ChartAccountFieldsFragment;

/** The five kinds of accounts, in the order of a balance sheet and an income statement. */
export const ACCOUNT_TYPES: Record<LedgerAccountType, string> = {
  ASSET: 'Asset',
  LIABILITY: 'Liability',
  EQUITY: 'Equity',
  INCOME: 'Income',
  EXPENSE: 'Expense',
};

export const TYPE_CHOICES = Object.entries(ACCOUNT_TYPES).map(([value, label]) => ({ value, label }));
