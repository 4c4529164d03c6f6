import { createContext, use, type FocusEvent, type MouseEvent } from 'react';

export interface Hints {
  show: (target: HTMLElement, words: string) => void;
  hide: () => void;
}

export const HintContext = createContext<Hints>({ show: () => undefined, hide: () => undefined });

/** Props that show these words beside a control while the pointer or the focus is on it. */
export function useHint(words: string, onNear?: (near: boolean) => void) {
  const { show, hide } = use(HintContext);
  const come = ({ currentTarget }: MouseEvent<HTMLElement> | FocusEvent<HTMLElement>) => {
    show(currentTarget, words);
    onNear?.(true);
  };
  const go = () => {
    hide();
    onNear?.(false);
  };
  return { 'aria-description': words, onMouseEnter: come, onMouseLeave: go, onFocus: come, onBlur: go };
}
