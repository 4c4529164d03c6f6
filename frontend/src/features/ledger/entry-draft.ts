import type {
  CreateJournalEntryInput,
  EntryFieldsFragment,
  EntryRateInput,
} from '@/graphql/generated/operations';
import { currencyDigits } from '@/lib/currencies';
import { compare, formatDecimal, isNegative, isZero, magnitude, negate, sum } from '@/lib/money';
import { convert } from '@/lib/rates';
import { readAmount, writeAmount, type Separators } from '@/lib/typed-amount';
import type { ChosenAccount } from './account-select';

/** A line as it is typed: at most one of debit and credit is filled in. */
export interface LineDraft {
  key: number;
  account: ChosenAccount | null;
  memo: string;
  debit: string;
  credit: string;
  /** Of an account that takes any; "" is the base currency. */
  currency: string;
}

/** A rate as it is typed: base units for one unit. */
export interface RateDraft {
  rate: string;
  rateOn: string;
}

export interface EntryDraft {
  postedOn: string;
  transactionOn: string;
  reference: string;
  contact: string;
  memo: string;
  lines: LineDraft[];
  rates: Record<string, RateDraft>;
}

/** What the draft is written in: the base currency, and the person's way of writing numbers. */
export interface Manner {
  base: string;
  separators: Separators;
}

export const blankLine = (key: number): LineDraft => ({
  key,
  account: null,
  memo: '',
  debit: '',
  credit: '',
  currency: '',
});

export const isBlank = ({ account, memo, debit, credit }: LineDraft): boolean =>
  !account && !memo.trim() && !debit.trim() && !credit.trim();

export const currencyOf = ({ account, currency }: LineDraft, base: string): string =>
  account?.currency ?? (currency || base);

/** The signed amount of a line, debit +; null when what is typed is none. */
export function amountOf(line: LineDraft, { base, separators }: Manner): string | null {
  const { debit, credit } = line;
  if (debit.trim() !== '' && credit.trim() !== '') return null;
  const digits = currencyDigits(currencyOf(line, base));
  const typed = readAmount(debit.trim() || credit.trim(), digits, separators);
  return typed === null || debit.trim() !== '' ? typed : negate(typed);
}

/** The currencies that need a rate, in the order of the lines. */
export const foreignOf = (lines: LineDraft[], base: string): string[] =>
  [...new Set(lines.filter((line) => !isBlank(line)).map((line) => currencyOf(line, base)))].filter(
    (currency) => currency !== base,
  );

/** A rate is typed with a point or a comma; null when it is none, or not above zero. */
export function readRate(typed: string): string | null {
  const rate = typed.trim().replace(',', '.');
  return /^\d{1,12}(\.\d{1,12})?$/.test(rate) && /[1-9]/.test(rate) ? rate : null;
}

/** The line's worth in base; null while its amount or its rate is not there. */
export function baseOf(line: LineDraft, rates: EntryDraft['rates'], manner: Manner): string | null {
  const amount = amountOf(line, manner);
  const currency = currencyOf(line, manner.base);
  if (amount === null || currency === manner.base) return amount;
  const rate = readRate(rates[currency]?.rate ?? '');
  return rate === null ? null : convert(amount, rate, currencyDigits(manner.base));
}

export interface Totals {
  currency: string;
  debit: string;
  credit: string;
  /** Debits less credits. */
  difference: string;
  /** Whether the two sides agree, but for what rounding by rates can make. */
  balanced: boolean;
}

/** So many of the currency's smallest units: what rounding can leave over. */
function smallest(currency: string, count: number): string {
  const digits = currencyDigits(currency);
  return convert(String(count), digits === 0 ? '1' : `0.${'1'.padStart(digits, '0')}`, digits);
}

/** The running totals, in base; in the one foreign currency where all lines are in it. */
export function totalsOf({ lines, rates }: EntryDraft, manner: Manner): Totals {
  const filled = lines.filter((line) => !isBlank(line));
  const currencies = new Set(filled.map((line) => currencyOf(line, manner.base)));
  const [only] = currencies;
  const alone = currencies.size === 1 && only !== undefined;
  const currency = alone ? only : manner.base;
  const worth = (line: LineDraft) => (alone ? amountOf(line, manner) : baseOf(line, rates, manner));
  const amounts = filled.flatMap((line) => worth(line) ?? []);
  const nought = readAmount('0', currencyDigits(currency), manner.separators) ?? '0';
  const debit = sum([nought, ...amounts.filter((amount) => !isNegative(amount))]);
  const credit = negate(sum([nought, ...amounts.filter(isNegative)]));
  const difference = sum([debit, negate(credit)]);
  const converted = alone ? 0 : filled.filter((line) => currencyOf(line, manner.base) !== manner.base).length;
  const slack = smallest(currency, converted);
  const balanced = compare(magnitude(difference), slack) <= 0;
  return { currency, debit, credit, difference, balanced };
}

function lineProblem(line: LineDraft, place: number, manner: Manner): string | null {
  const { account, debit, credit } = line;
  const name = `Line ${place + 1}`;
  if (!account) return `${name}: choose a ledger account.`;
  if (debit.trim() && credit.trim()) return `${name}: give a debit or a credit, not both.`;
  if (!debit.trim() && !credit.trim()) return `${name}: give an amount.`;
  const amount = amountOf(line, manner);
  if (amount === null)
    return `${name}: “${debit.trim() || credit.trim()}” is no amount of ${currencyOf(line, manner.base)}.`;
  return isZero(amount) ? `${name}: an amount of zero says nothing.` : null;
}

/** Why the draft can't be kept, in words; empty when it can. */
export function draftProblems({ postedOn, lines }: EntryDraft, manner: Manner): string[] {
  const filled = lines.filter((line) => !isBlank(line));
  return [
    ...(postedOn ? [] : ['Give the date to post on.']),
    ...filled.flatMap((line, place) => lineProblem(line, place, manner) ?? []),
  ];
}

/** Why it can't be posted, in words; empty when it can. */
export function postingProblems(draft: EntryDraft, manner: Manner): string[] {
  const problems = draftProblems(draft, manner);
  const filled = draft.lines.filter((line) => !isBlank(line));
  if (filled.length < 2) problems.push('An entry needs at least two lines.');
  for (const currency of foreignOf(draft.lines, manner.base))
    if (readRate(draft.rates[currency]?.rate ?? '') === null)
      problems.push(`Give a rate for ${currency}: how many ${manner.base} one ${currency} is worth.`);
  if (problems.length > 0) return problems;
  const { balanced, difference, currency } = totalsOf(draft, manner);
  if (balanced) return [];
  const [more, less] = isNegative(difference) ? ['credits', 'debits'] : ['debits', 'credits'];
  return [`The ${more} are ${formatDecimal(magnitude(difference))} ${currency} more than the ${less}.`];
}

const orNull = (text: string): string | null => text.trim() || null;

/** The draft as the server takes it. It must have no `draftProblems`. */
export function inputOf(draft: EntryDraft, manner: Manner): Omit<CreateJournalEntryInput, 'idempotencyKey'> {
  const filled = draft.lines.filter((line) => !isBlank(line));
  const rates = foreignOf(draft.lines, manner.base).flatMap((currency): EntryRateInput[] => {
    const rate = readRate(draft.rates[currency]?.rate ?? '');
    return rate === null
      ? []
      : [{ currency, rate, rateOn: (draft.rates[currency]?.rateOn ?? '') || draft.postedOn }];
  });
  return {
    postedOn: draft.postedOn,
    transactionOn: orNull(draft.transactionOn),
    reference: orNull(draft.reference),
    contact: orNull(draft.contact),
    memo: orNull(draft.memo),
    rates,
    lines: filled.map((line) => ({
      ledgerAccountId: line.account?.id ?? '',
      amount: amountOf(line, manner) ?? '',
      currency: currencyOf(line, manner.base),
      memo: orNull(line.memo),
    })),
  };
}

/** A stored draft as it would be typed. */
export function draftOf(entry: EntryFieldsFragment, { separators }: Manner): EntryDraft {
  const lines = entry.lines.map(({ ledgerAccount, memo, amount }, key): LineDraft => {
    const typed = writeAmount(magnitude(amount.amount), separators);
    const credit = isNegative(amount.amount);
    return {
      key,
      account: ledgerAccount,
      memo: memo ?? '',
      debit: credit ? '' : typed,
      credit: credit ? typed : '',
      currency: amount.currency,
    };
  });
  return {
    postedOn: entry.postedOn,
    transactionOn: entry.transactionOn ?? '',
    reference: entry.reference ?? '',
    contact: entry.contact ?? '',
    memo: entry.memo ?? '',
    lines: [...lines, blankLine(lines.length)],
    rates: Object.fromEntries(entry.rates.map(({ currency, rate, rateOn }) => [currency, { rate, rateOn }])),
  };
}
