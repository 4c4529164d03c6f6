import type { BankAccountRow } from './account-words';

export function RowActions({ account }: { account: BankAccountRow }) {
  return <span data-stop tabIndex={-1}>{account.name.slice(0, 0)}</span>;
}
