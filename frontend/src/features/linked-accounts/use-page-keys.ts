import { useHotkeys } from '@mantine/hooks';
import type { KeyboardEvent, RefObject } from 'react';
import { useLocation } from 'wouter';
import { useAccountActions } from './use-account-actions';
import type { BankAccountRow } from './account-words';
import { editBlocked, hideBlocked, ledgerBlocked, refreshBlocked } from './permissions';
import type { Selection } from './use-selection';

interface PageKeys {
  searchField: RefObject<HTMLInputElement | null>;
  onColumns: () => void;
  onHelp: () => void;
}

/** Single keys of the whole page; they sleep while one types. */
export function usePageKeys({ searchField, onColumns, onHelp }: PageKeys): void {
  const [, navigate] = useLocation();
  useHotkeys([
    ['/', () => searchField.current?.focus()],
    ['a', () => navigate('/banks/add')],
    ['c', onColumns],
    ['shift+?', onHelp, { usePhysicalKeys: false }],
    ['?', onHelp],
  ]);
}

/** Single keys on a focused row; the answer is whether the key was one of them. */
export function useRowKeys(): (account: BankAccountRow, event: KeyboardEvent) => boolean {
  const { refresh, edit, chooseLedger, hide } = useAccountActions();
  return (account, { key, target }) => {
    const act = (blocked: string | null, action: (account: BankAccountRow) => void) => {
      if (blocked === null) action(account);
      return true;
    };
    switch (key) {
      case 'r':
        return act(refreshBlocked(account), refresh);
      case 'e':
      case 'F2':
        return act(editBlocked(account), edit);
      case 'l':
        return act(ledgerBlocked(account), chooseLedger);
      case 'h':
        return act(hideBlocked(account), hide);
      case 's':
        return act(null, () => openStatus(target as Element));
      default:
        return false;
    }
  };
}

/** As if the row's status were pressed, so that the focus comes back to it. */
function openStatus(within: Element): void {
  const status = within.closest('[data-row]')?.querySelector<HTMLElement>('[data-status-of]');
  status?.focus();
  status?.click();
}

/**
 * The keys that choose rows: Space and x this one, Shift with an arrow the next one too. The answer
 * is whether the key is used up; an arrow still moves the focus.
 */
export function selectByKey({ toggle, extend }: Selection, id: string, event: KeyboardEvent): boolean {
  const onControl = (event.target as Element).matches('button, input');
  if (event.shiftKey && event.key === 'ArrowDown') extend(id, 1);
  else if (event.shiftKey && event.key === 'ArrowUp') extend(id, -1);
  else if (event.key === 'x' || (event.key === ' ' && !onControl)) {
    toggle(id);
    return true;
  }
  return false;
}
