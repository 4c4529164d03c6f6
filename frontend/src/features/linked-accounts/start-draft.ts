import type { StartInput, TyingPreviewQuery } from '@/graphql/generated/operations';
import { currencyDigits } from '@/lib/currencies';
import { isNegative, isZero, magnitude, negate, sum } from '@/lib/money';
import { readAmount, writeAmount, type Separators } from '@/lib/typed-amount';
import type { BankAccountRow } from './account-words';

export type TyingPreview = NonNullable<TyingPreviewQuery['tyingPreview']>;

/** An item that the bank had not seen at the start and the books lack, as it is typed. */
export interface LackingDraft {
  key: number;
  datedOn: string;
  amount: string;
  memo: string;
}

/** What a person says of the start, as it is typed. */
export interface StartDraft {
  /** The last day that is history. */
  startOn: string;
  /** Null until it is typed: then the suggested one holds. */
  balance: string | null;
  /** Ids of journal lines that the bank had not seen by then. */
  outstanding: string[];
  lacking: LackingDraft[];
  differenceAccount: { id: string; number: string; name: string } | null;
  /** What one unit of a foreign account was worth in base. */
  rate: string;
  replaces: boolean;
}

/** How this account's amounts are typed: its currency, and whether the bank prints what is owed as positive. */
export interface AmountManner {
  currency: string;
  owed: boolean;
  separators: Separators;
}

export const isOwed = ({ type }: Pick<BankAccountRow, 'type'>): boolean =>
  type === 'CREDIT_CARD' || type === 'LOAN';

/** The last day of the month before `today`. */
export function endOfLastMonth(today: string): string {
  const first = new Date(`${today.slice(0, 7)}-01T12:00:00Z`);
  first.setUTCDate(0);
  return first.toISOString().slice(0, 10);
}

const negated = (amount: string): string => (isZero(amount) ? amount : negate(amount));

/** The suggested balance as the bank prints it: what a card owes is positive. */
export function suggestedText(
  { suggestedBalance }: TyingPreview,
  { owed, separators }: AmountManner,
): string {
  if (!suggestedBalance) return '';
  const printed = owed ? negated(suggestedBalance.amount) : suggestedBalance.amount;
  return writeAmount(printed, separators);
}

/** The balance in the API's sign, an amount owed negative; null when what is typed is no amount. */
export function balanceOf(draft: StartDraft, preview: TyingPreview, manner: AmountManner): string | null {
  const typed = draft.balance ?? suggestedText(preview, manner);
  const amount = readAmount(typed, currencyDigits(manner.currency), manner.separators);
  return amount !== null && manner.owed ? negated(amount) : amount;
}

const lackingAmount = ({ amount }: LackingDraft, { currency, separators }: AmountManner): string | null =>
  readAmount(amount, currencyDigits(currency), separators);

const isTyped = ({ amount, memo }: LackingDraft): boolean => amount.trim() !== '' || memo.trim() !== '';

/** What the books lack: the bank's balance and all that is outstanding, less the books and what moves along; null when it can't be told yet. */
export function differenceOf(draft: StartDraft, preview: TyingPreview, manner: AmountManner): string | null {
  const balance = balanceOf(draft, preview, manner);
  const lacking = draft.lacking.filter(isTyped).map((item) => lackingAmount(item, manner));
  if (balance === null || lacking.some((amount) => amount === null)) return null;
  const waiting = preview.openLines.filter(({ id }) => draft.outstanding.includes(id));
  return sum([
    balance,
    ...waiting.map(({ open }) => open.amount),
    ...lacking.map((amount) => amount ?? '0'),
    negate(preview.booksBalance.amount),
    ...(preview.leavingBalance ? [negate(preview.leavingBalance.amount)] : []),
  ]);
}

interface Situation {
  /** The account leaves another ledger account, whose balance moves along. */
  moves: boolean;
  /** The ledger account keeps another bank account. */
  taken: boolean;
  /** The account is not kept in the base currency. */
  foreign: boolean;
}

/** Whether an opening entry is posted. */
const posts = (draft: StartDraft, difference: string): boolean =>
  !isZero(difference) || draft.lacking.some(isTyped);

/** Why the account can't be linked yet, in words; null when it can. */
export function startProblem(
  draft: StartDraft,
  preview: TyingPreview,
  manner: AmountManner,
  { moves, taken, foreign }: Situation,
): string | null {
  if (taken && !draft.replaces) return 'Another bank account is kept there. Say that this one replaces it.';
  if (!draft.startOn) return 'Give the last day that is history.';
  if (balanceOf(draft, preview, manner) === null)
    return `Give the bank’s balance at the end of that day, in ${manner.currency}.`;
  for (const item of draft.lacking.filter(isTyped)) {
    const amount = lackingAmount(item, manner);
    if (amount === null || isZero(amount)) return `“${item.amount}” is no amount of ${manner.currency}.`;
    if (!item.datedOn || item.datedOn > draft.startOn)
      return 'An outstanding item is dated up to the last day of history.';
  }
  const difference = differenceOf(draft, preview, manner) ?? '0';
  if (!isZero(difference) && !draft.differenceAccount)
    return 'Choose the ledger account that takes the difference.';
  if (foreign && (moves || posts(draft, difference)) && !/^\d+([.,]\d+)?$/.test(draft.rate.trim()))
    return `Give the rate of ${manner.currency} on that day.`;
  return null;
}

/** The start as the server takes it. It must have no `startProblem`. */
export function startInput(
  draft: StartDraft,
  preview: TyingPreview,
  manner: AmountManner,
  { moves, foreign, predecessorId }: Situation & { predecessorId: string | null },
): StartInput {
  const rate = draft.rate.trim().replace(',', '.');
  return {
    startOn: draft.startOn,
    balance: balanceOf(draft, preview, manner) ?? '',
    outstandingLineIds: preview.openLines.map(({ id }) => id).filter((id) => draft.outstanding.includes(id)),
    lacking: draft.lacking.filter(isTyped).map((item) => ({
      datedOn: item.datedOn,
      amount: lackingAmount(item, manner) ?? '',
      memo: item.memo.trim() || null,
    })),
    differenceAccountId:
      moves && isZero(differenceOf(draft, preview, manner) ?? '0')
        ? null
        : (draft.differenceAccount?.id ?? null),
    predecessorId: draft.replaces ? predecessorId : null,
    rates: foreign && rate ? [{ currency: manner.currency, rate, rateOn: draft.startOn }] : [],
  };
}

/** "The books hold 12.00 more than the bank" and the like. */
export const lacks = (difference: string): { amount: string; more: boolean } => ({
  amount: magnitude(difference),
  more: isNegative(difference),
});
