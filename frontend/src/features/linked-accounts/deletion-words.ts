import type {
  DeletionFieldsFragment,
  DeletionPreviewFieldsFragment,
  ErasedMonthFieldsFragment,
} from '@/graphql/generated/operations';
import { MONTH_NAMES } from '@/lib/dates';
import { accountsWords, counted, fullName } from './account-words';

export type Preview = DeletionPreviewFieldsFragment;
export type Receipt = DeletionFieldsFragment;
export type ErasedMonth = ErasedMonthFieldsFragment;

/** "a", "a and b", "a, b and c". */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
export const erasedOf = ({ accounts }: Pick<Preview, 'accounts'>) =>
  total(accounts.map(({ erasedCount }) => erasedCount));
export const keptOf = ({ accounts }: Pick<Preview, 'accounts'>) =>
  total(accounts.map(({ keptCount }) => keptCount));

function erasesWords(erased: number): string {
  if (erased === 0) return 'Erases nothing: there is no bank transaction that is not reconciled.';
  return erased === 1
    ? 'Erases 1 bank transaction that is not reconciled.'
    : `Erases ${counted(erased)} bank transactions that are not reconciled.`;
}

function staysWords(kept: number, again: string): string | null {
  if (kept === 0) return null;
  return kept === 1
    ? `1 reconciled or partly matched line stays, and stays reconciled if you add ${again} again.`
    : `${counted(kept)} reconciled or partly matched lines stay, and stay reconciled if you add ${again} again.`;
}

/** What becomes of the logins that lose their last account. */
function endedWords({ accounts, endedLinks }: Preview): string | null {
  if (endedLinks.length === 0) return null;
  const names = listed(endedLinks.map(({ name }) => name));
  const one = endedLinks.length === 1;
  const which = accounts.length === 1 ? 'This is the last account of' : 'No account is left of';
  return `${which} ${names}, so ${one ? 'its sign-in is' : 'their sign-ins are'} removed too. You will have to sign in again to add ${one ? 'it' : 'them'}.`;
}

function keepsWords({ aggregatorKeeps, siblings }: Preview): string | null {
  if (!aggregatorKeeps) return null;
  const stay =
    siblings.length === 0 ? '' : ` (${listed(siblings.slice(0, 3).map(fullName))}${more(siblings)})`;
  return `The bank aggregator keeps what it has while other accounts of this login stay${stay}; what it still sends is dropped.`;
}

const more = ({ length }: readonly unknown[]) => (length > 3 ? ` and ${length - 3} more` : '');

/** What deleting would do, sentence by sentence. */
export function previewWords(preview: Preview): string[] {
  const it = preview.accounts.length === 1 ? 'the account' : 'the accounts';
  const back = preview.accounts.length === 1 ? 'it' : 'them';
  return [
    erasesWords(erasedOf(preview)),
    staysWords(keptOf(preview), it),
    endedWords(preview),
    keepsWords(preview),
    `You can add ${back} back with Add Bank/CC; the bank may then give less history.`,
  ].filter((sentence) => sentence !== null);
}

/** "24 to be erased, 1,180 to stay." */
export const toBeWords = ({ erasedCount, keptCount }: Preview['accounts'][number]): string =>
  `${counted(erasedCount)} to be erased, ${counted(keptCount)} to stay.`;

/** "24 lines erased, 1,180 kept." */
export function countsWords({ erasedCount, keptCount }: { erasedCount: number; keptCount: number }): string {
  const lines = erasedCount === 1 ? '1 line' : `${counted(erasedCount)} lines`;
  return `${lines} erased, ${counted(keptCount)} kept.`;
}

/** "Deleted 3 accounts", "Deleted Payroll ••7730". */
export function receiptTitle({ accounts }: Pick<Receipt, 'accounts'>): string {
  const [first] = accounts;
  return `Deleted ${accounts.length === 1 && first ? fullName(first) : accountsWords(accounts.length)}`;
}

/** "2026-03" → "Mar 2026". */
export function monthWords(month: string): string {
  const [year = '', number = ''] = month.split('-');
  return `${MONTH_NAMES[Number(number) - 1] ?? number} ${year}`;
}
