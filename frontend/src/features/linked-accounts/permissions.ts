import type { BankAccountRow } from './account-words';

interface Permission {
  right: string;
  allowed: boolean;
  blockedReason: string | null;
}

/** Why this may not be done, in the server's words; null when it may. */
function blocked(permissions: Permission[], right: string): string | null {
  const found = permissions.find((permission) => permission.right === right);
  return found && !found.allowed ? (found.blockedReason ?? 'You have no right to do this.') : null;
}

export function refreshBlocked({ bankLink, status }: BankAccountRow): string | null {
  if (!bankLink) return 'This account has no bank login to refresh.';
  if (status.activity !== 'IDLE') return 'A refresh is under way.';
  return blocked(bankLink.viewerCan, 'BANKS');
}

export const editBlocked = ({ viewerCan }: Pick<BankAccountRow, 'viewerCan'>): string | null =>
  blocked(viewerCan, 'BANKS');
export const hideBlocked = editBlocked;
export const deleteBlocked = editBlocked;
export const ledgerBlocked = ({ viewerCan }: BankAccountRow): string | null => blocked(viewerCan, 'ACCOUNTS');
