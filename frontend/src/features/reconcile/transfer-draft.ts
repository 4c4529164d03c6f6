import type { LedgerChoiceFragment } from '@/graphql/generated/operations';
import { currencyDigits } from '@/lib/currencies';
import { isNegative, isZero, magnitude, negate, subtract, sum, withSignOf, type Money } from '@/lib/money';
import { rateOf } from '@/lib/rates';
import { readAmount, type Separators } from '@/lib/typed-amount';
import { readRate } from './coding-draft';
import type { Line, Suggestion } from './outcome';

export type OtherLine = NonNullable<Suggestion['otherTransaction']>;

/** Where the money went or came from: the bank's line on the other account, or that account alone. */
export interface TransferDraft {
  other: OtherLine | null;
  account: LedgerChoiceFragment | null;
  /** What the other account got, where it is of another currency: typed without a sign. */
  otherTyped: string;
  feeAccount: LedgerChoiceFragment | null;
  feeTyped: string;
  /** Typed rates by currency, where neither side is in base. */
  rates: Readonly<Record<string, string>>;
  /** What takes the gain or loss that two rates leave; undefined: the account that is proposed. */
  exchangeAccount?: LedgerChoiceFragment | null | undefined;
}

/** How a draft begins: the other side where it is sure, and the last rate of each currency to propose. */
export const emptyTransfer = (line: Line, rates: ReadonlyMap<string, string>): TransferDraft => ({
  other:
    line.suggestions.find(({ preselect, otherTransaction }) => preselect && otherTransaction)
      ?.otherTransaction ?? null,
  account: null,
  otherTyped: '',
  feeAccount: null,
  feeTyped: '',
  rates: Object.fromEntries(rates),
});

/** The currency of the other side; null while it is not known, or kept in any. */
export const otherCurrency = ({ other, account }: TransferDraft): string | null =>
  other?.amount.currency ?? account?.currency ?? null;

/** The other side's amount, signed against the line's; null while it is not known. */
export function otherAmount(draft: TransferDraft, line: Money, separators: Separators): Money | null {
  const currency = otherCurrency(draft);
  if (draft.other) return draft.other.amount;
  if (currency === null || currency === line.currency) return null;
  const read = readAmount(draft.otherTyped, currencyDigits(currency), separators);
  if (read === null || isZero(read)) return null;
  return { amount: withSignOf(read, negate(line.amount)), currency };
}

/** The fee on the way, an expense: negative; "0" without one, null when it can't be read. */
export function feeOf({ feeTyped }: TransferDraft, digits: number, separators: Separators): string | null {
  if (feeTyped.trim() === '') return '0';
  const read = readAmount(feeTyped, digits, separators);
  return read === null ? null : negate(magnitude(read));
}

/** What the two sides of one currency and the fee leave over; zero where nothing is compared. */
export function unexplained(line: Money, other: Money | null, fee: string): string {
  if (other?.currency !== line.currency) return '0';
  return subtract(sum([line.amount, other.amount]), fee);
}

/**
 * "1 EUR = 1.0845 USD": what was exchanged, so without the fee, in base for one of the foreign
 * currency; null in one currency, and where nothing is left to be exchanged.
 */
export function rateWords(line: Money, other: Money | null, fee: string, base: string): string | null {
  if (!other || other.currency === line.currency) return null;
  const exchanged = { ...line, amount: subtract(line.amount, fee) };
  const [home, foreign] = other.currency === base ? [other, exchanged] : [exchanged, other];
  if (isZero(exchanged.amount) || isNegative(exchanged.amount) !== isNegative(line.amount)) return null;
  const rate = rateOf(home.amount, foreign.amount);
  return rate === null ? null : `1 ${foreign.currency} = ${rate} ${home.currency}`;
}

/** The currencies that need a rate: none where one side is in base, for the two amounts tell it. */
export function currenciesWithoutRate(line: Money, other: string | null, base: string): string[] {
  const currencies = new Set([line.currency, other ?? line.currency]);
  return currencies.has(base) ? [] : [...currencies];
}

/** The account that by its name takes exchange gains and losses: a bank's own account is none. */
export const exchangeAccountOf = <Account extends LedgerChoiceFragment & { bankAccount: object | null }>(
  accounts: readonly Account[],
): Account | null =>
  accounts.find(
    ({ name, type, bankAccount }) =>
      bankAccount === null &&
      (type === 'INCOME' || type === 'EXPENSE') &&
      /foreign exchange|exchange (gain|loss|rate)/i.test(name),
  ) ?? null;

/** Problems of a draft by field. */
export function transferProblems(
  draft: TransferDraft,
  line: Money,
  { separators, base, digits }: { separators: Separators; base: string; digits: number },
): Record<string, string> {
  const problems: Record<string, string> = {};
  const other = otherAmount(draft, line, separators);
  const fee = feeOf(draft, digits, separators);
  const currency = otherCurrency(draft);
  if (!draft.other && !draft.account) problems.ledgerAccountId = 'Choose the other account.';
  if (!draft.other && currency !== null && currency !== line.currency && other === null)
    problems.otherAmount = `Give what the other account got, in ${currency}.`;
  if (fee === null) problems['fees.0.amount'] = 'This can’t be read.';
  else if (!isZero(fee) && !draft.feeAccount)
    problems['fees.0.ledgerAccountId'] = 'Choose the account of the fee.';
  else if (!isZero(unexplained(line, other, fee)))
    problems['fees.0.amount'] = 'The two sides differ: give the fee.';
  for (const one of currenciesWithoutRate(line, currency, base))
    if (readRate(draft.rates[one] ?? '') === null)
      problems[`rates.${one}`] = 'Give the rate, such as 1.0845.';
  return problems;
}

/** How far apart two dates are, in days. */
export function daysApart(one: string, other: string): number {
  return Math.abs(Date.parse(one) - Date.parse(other)) / 86_400_000;
}

export const isOut = ({ amount }: Money): boolean => isNegative(amount);
