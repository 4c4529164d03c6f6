import { createContext, use } from 'react';
import type { BankAccountRow } from './account-words';

export interface AccountActions {
  /** Refreshes the login of this account, or opens the bank's page when only a person can. */
  refresh: (account: BankAccountRow) => void;
  edit: (account: BankAccountRow) => void;
  chooseLedger: (account: BankAccountRow) => void;
  /** Asks whether to hide it for ever. */
  hide: (account: BankAccountRow) => void;
  /** Asks whether to delete these. */
  remove: (accounts: readonly BankAccountRow[]) => void;
  /** Asks whether to delete this login with all its accounts. */
  removeLogin: (login: { id: string; name: string }) => void;
  highlight: (bankLinkId: string | null) => void;
  showStatus: (accountId: string | null) => void;
}

/** What the person looks at: it changes often, so it is apart from what they can do. */
export interface Attention {
  /** The login whose rows are highlighted, because its Refresh has the pointer or the focus. */
  highlighted: string | null;
  /** The account whose status is spelled out at this moment. */
  statusOf: string | null;
}

export const AttentionContext = createContext<Attention>({ highlighted: null, statusOf: null });
export const ActionsContext = createContext<AccountActions | null>(null);

/** What one can do to an account, from within AccountActionsProvider. */
export function useAccountActions(): AccountActions {
  const actions = use(ActionsContext);
  if (!actions) throw new Error('useAccountActions is used outside of AccountActionsProvider.');
  return actions;
}

export const useAttention = (): Attention => use(AttentionContext);
