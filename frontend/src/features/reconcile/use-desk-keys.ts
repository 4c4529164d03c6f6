import { useEffect, useEffectEvent } from 'react';
import type { Mode } from './use-desk';

export interface DeskKeys {
  move: (step: number, range: boolean) => void;
  mark: () => void;
  mode: (mode: Mode) => void;
  exclude: () => void;
  toCheck: () => void;
  undo: () => void;
  back: () => void;
  help: () => void;
  /** The pane of the line in hand, in which candidates and the form are looked for. */
  pane: () => HTMLElement | null;
}

const MODES: Record<string, Mode> = { m: 'match', n: 'new', t: 'transfer', p: 'split' };
const CANDIDATE = '[data-candidate]';

/** Whether a key belongs to what the person types into. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button'].includes(target.type);
  return target.isContentEditable || target.matches('textarea, select, [role="combobox"]');
}

const inDialog = () => document.querySelector('[role="dialog"], [role="alertdialog"]') !== null;
const send = (pane: HTMLElement | null) =>
  pane?.querySelector<HTMLFormElement>('form[data-act]')?.requestSubmit();

/** From candidate to candidate; from the first one up there is nothing. */
function stepCandidate(pane: HTMLElement | null, step: number): boolean {
  const all = [...(pane?.querySelectorAll<HTMLElement>(CANDIDATE) ?? [])];
  const at = all.findIndex((one) => one === document.activeElement);
  if (at < 0) return false;
  all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
  return true;
}

function focusPane(pane: HTMLElement | null): void {
  const first = pane?.querySelector<HTMLElement>(CANDIDATE) ?? pane?.querySelector<HTMLElement>('form input');
  first?.focus();
}

/** Keys without Ctrl, Alt or ⌘. @returns whether the key was one of the page's */
function pressPlain({ key, shiftKey, target }: KeyboardEvent, keys: DeskKeys): boolean {
  const onList = target instanceof HTMLElement && target.matches('[role="listbox"]');
  const pane = keys.pane();
  const lower = key.toLowerCase();
  const arrow = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (arrow !== undefined && onList) keys.move(arrow, shiftKey);
  else if (arrow !== undefined) return stepCandidate(pane, arrow);
  else if (lower === 'j' || lower === 'k') keys.move(lower === 'j' ? 1 : -1, shiftKey);
  else if (key === 'ArrowRight' && onList) focusPane(pane);
  else if (key === 'ArrowLeft' && pane?.contains(document.activeElement)) keys.back();
  else if (/^[1-9]$/.test(key)) pane?.querySelector<HTMLElement>(`[data-candidate="${key}"]`)?.click();
  else if (!shiftKey && MODES[key]) keys.mode(MODES[key]);
  else if (key === 'x') keys.mark();
  else if (key === 'e') keys.exclude();
  else if (key === 'u') keys.toCheck();
  else if (key === '?') keys.help();
  else return false;
  return true;
}

/**
 * The keys of the page. They sleep while one types, but for Esc, which leads back to the lines, and
 * Ctrl+Enter, which sends; a dialog has its own.
 */
export function useDeskKeys(keys: DeskKeys): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    const { key, code, ctrlKey, metaKey, altKey, target } = event;
    if (event.defaultPrevented || event.isComposing || inDialog()) return;
    const typing = isTyping(target);
    let used = true;
    if (key === 'Enter' && (ctrlKey || metaKey)) send(keys.pane());
    else if (key === 'Escape') keys.back();
    else if (typing) used = false;
    else if (altKey && code === 'KeyZ' && !ctrlKey && !metaKey) keys.undo();
    else used = !ctrlKey && !metaKey && !altKey && pressPlain(event, keys);
    if (used) event.preventDefault();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}
