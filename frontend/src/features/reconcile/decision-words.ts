import { formatDate } from '@/lib/dates';
import { compare, formatSigned, isNegative, isZero, magnitude, formatDecimal } from '@/lib/money';
import type { Line } from './outcome';

export type Choice = 'accept' | 'adjust' | 'rebook' | 'duplicate' | 'unmatch' | 'keep';

/** One way to decide about a line that the bank changed, and what it will do. */
export interface ChoiceWords {
  choice: Choice;
  title: string;
  text: string;
}

type Item = NonNullable<Line['reviewItem']>;

/** Whether nothing is left at the bank that could be booked. */
export const isGone = ({ kind, reportedAmount }: Item): boolean =>
  kind === 'WITHDRAWN' || reportedAmount === null || isZero(reportedAmount.amount);

const OUTSTANDING = 'Its entry stays in the books, outstanding.';

function acceptWords(line: Line, item: Item): ChoiceWords {
  const { reportedAmount, difference, reportedOn } = item;
  const words = (title: string, text: string): ChoiceWords => ({ choice: 'accept', title, text });
  if (item.kind === 'WITHDRAWN' || reportedAmount === null)
    return words('Let the line go', `The line leaves. ${OUTSTANDING}`);
  const becomes = `The line becomes ${formatSigned(reportedAmount.amount)}`;
  const turned = isNegative(reportedAmount.amount) !== isNegative(line.amount.amount);
  if (difference === null || isZero(reportedAmount.amount) || turned)
    return words('Take the bank’s version', `${becomes} and is open. ${OUTSTANDING}`);
  if (isZero(difference.amount))
    return words(
      'Take the bank’s date',
      `The line is dated ${formatDate(reportedOn ?? line.datedOn)}; its amount stays reconciled.`,
    );
  const more = compare(magnitude(reportedAmount.amount), magnitude(line.amount.amount)) > 0;
  const apart = formatDecimal(magnitude(difference.amount));
  return words(
    'Take the bank’s version',
    more
      ? `${becomes}; ${apart} of it is open for review.`
      : `${becomes}; ${apart} of its entry is outstanding.`,
  );
}

function adjustWords(item: Item): ChoiceWords | null {
  const { difference } = item;
  if (difference === null || isZero(difference.amount)) return null;
  const goes = `${formatSigned(difference.amount)} is posted to the account that you choose`;
  const text = isGone(item)
    ? `${goes}, which clears the entry.${item.kind === 'WITHDRAWN' ? ' The line leaves.' : ''}`
    : `${goes}. The line becomes the bank’s and stays reconciled.`;
  return { choice: 'adjust', title: 'Post the difference', text };
}

function rebookWords(item: Item): ChoiceWords {
  if (isGone(item))
    return {
      choice: 'rebook',
      title: 'Reverse the entry',
      text: `Its entry is taken back by another.${item.kind === 'WITHDRAWN' ? ' The line leaves.' : ''}`,
    };
  const amount = formatSigned(item.reportedAmount?.amount ?? '0');
  return {
    choice: 'rebook',
    title: 'Book it anew',
    text: `Its entry is reversed, and ${amount} is booked in its place.`,
  };
}

/** Every way to decide about the line, each with what it will do, in the order of their keys. */
export function choicesFor(line: Line): ChoiceWords[] {
  const { reviewItem: item } = line;
  if (!item) return [];
  const adjust = adjustWords(item);
  return [
    acceptWords(line, item),
    ...(adjust ? [adjust] : []),
    rebookWords(item),
    {
      choice: 'duplicate',
      title: 'It is another line',
      text: 'Another bank line is the same payment, and takes over the match.',
    },
    {
      choice: 'unmatch',
      title: 'Undo the match',
      text: 'Takes back what was done, after showing what that is. The line is as the bank reports it then.',
    },
    {
      choice: 'keep',
      title: 'Keep what is booked',
      text: 'The match stays, and this report of the bank is no news any more.',
    },
  ];
}
