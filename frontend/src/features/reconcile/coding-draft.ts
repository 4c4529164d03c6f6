import type { LedgerChoiceFragment, LineFieldsFragment } from '@/graphql/generated/operations';
import { digitsOf, isNegative, isZero, magnitude, negate, subtract, sum } from '@/lib/money';
import { readAmount, writeAmount, type Separators } from '@/lib/typed-amount';

export type LedgerChoice = LedgerChoiceFragment;

/** One row of a split: typed in the direction of the bank line; a fee is always an expense. */
export interface CodingRow {
  key: number;
  account: LedgerChoice | null;
  /** As the person typed it; "" takes what is left. */
  typed: string;
  memo: string;
  fee: boolean;
}

export interface CodingDraft {
  rows: CodingRow[];
  memo: string;
  reference: string;
  contact: string;
  rate: string;
}

interface Spread {
  /** What each row posts, of the bank line's sign for an expense −; null where nothing can be read. */
  amounts: (string | null)[];
  /** What no row has yet, signed like the bank line; zero when all is spread. */
  left: string;
}

let nextKey = 0;
export const emptyRow = (given: Partial<CodingRow> = {}): CodingRow => ({
  key: nextKey++,
  account: null,
  typed: '',
  memo: '',
  fee: false,
  ...given,
});

/** What the row says, signed for the bank line; null when it is unreadable or left open. */
function signed(row: CodingRow, total: string, separators: Separators): string | null {
  const read = readAmount(row.typed, digitsOf(total), separators);
  if (read === null) return null;
  return row.fee || isNegative(total) ? negate(read) : read;
}

/** Spreads a bank line over its rows: the last row without an amount takes the rest. */
export function spread(rows: CodingRow[], total: string, separators: Separators): Spread {
  const amounts = rows.map((row) => signed(row, total, separators));
  const left = subtract(total, sum(amounts.filter((amount) => amount !== null)));
  const resting = rows.findLastIndex(({ typed }) => typed.trim() === '');
  if (resting < 0) return { amounts, left };
  return { amounts: amounts.with(resting, left), left: subtract(left, left) };
}

/** Problems of a draft, each at its field: "rows.1.amount" → words. */
export function problemsOf(
  { rows, rate }: CodingDraft,
  total: string,
  separators: Separators,
  foreign: boolean,
): Record<string, string> {
  const problems: Record<string, string> = {};
  const { amounts, left } = spread(rows, total, separators);
  const example = writeAmount(`1234.${'50'.padEnd(digitsOf(total), '0')}`, separators);
  rows.forEach((row, index) => {
    const amount = amounts[index] ?? null;
    if (!row.account) problems[`lines.${index}.ledgerAccountId`] = 'Choose a ledger account.';
    if (amount !== null && isZero(amount))
      problems[`lines.${index}.amount`] = 'Nothing is left for this line.';
    if (amount === null)
      problems[`lines.${index}.amount`] =
        row.typed.trim() === ''
          ? 'Give an amount: only the last line takes the rest.'
          : `This can’t be read. Write an amount such as ${example}.`;
  });
  if (!isZero(left) && Object.keys(problems).length === 0)
    problems.lines = `The lines differ from the bank’s amount by ${writeAmount(magnitude(left), separators)}.`;
  if (foreign && readRate(rate) === null) problems.rates = 'Give the rate, such as 1.0845.';
  return problems;
}

/** A rate is never grouped: its one mark is the decimal one. */
export function readRate(typed: string): string | null {
  const read = readAmount(typed, 10, { group: '', decimal: '.' });
  return read === null || isNegative(read) || isZero(read) ? null : read.replace(/\.?0+$/, '');
}

/** What the lines of a coding are as the API takes them. */
export function toCodingLines(rows: CodingRow[], total: string, separators: Separators) {
  const { amounts } = spread(rows, total, separators);
  return rows.map((row, index) => ({
    ledgerAccountId: row.account?.id ?? '',
    amount: amounts[index] ?? '0',
    memo: row.memo.trim() || null,
  }));
}

type SuggestedLines = NonNullable<LineFieldsFragment['suggestions'][number]['coding']>['lines'];

/** Rows that post what was suggested or prepared; the last one takes the rest. */
export function rowsOf(lines: SuggestedLines, total: string, separators: Separators): CodingRow[] {
  return lines.map(({ ledgerAccount, amount, memo }, index) =>
    emptyRow({
      account: ledgerAccount,
      memo: memo ?? '',
      typed:
        index === lines.length - 1
          ? ''
          : writeAmount(isNegative(total) ? negate(amount.amount) : amount.amount, separators),
    }),
  );
}

/** How a draft begins: with what was prepared or is suggested for sure, else with one empty line. */
export function beginDraft(line: LineFieldsFragment, rate: string, separators: Separators): CodingDraft {
  const total = line.remainder.amount;
  const suggested = line.suggestions.find(({ coding, preselect }) => coding && preselect)?.coding;
  const begun = line.preparedCoding ?? suggested;
  return {
    rows: begun && begun.lines.length > 0 ? rowsOf(begun.lines, total, separators) : [emptyRow()],
    memo: begun?.memo ?? line.description,
    reference: line.checkNumber ?? '',
    contact: line.counterparty ?? '',
    rate,
  };
}
