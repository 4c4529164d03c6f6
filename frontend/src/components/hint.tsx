import { Tooltip } from '@mantine/core';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import { HintContext, type Hints } from './use-hint';

const DELAY = 250;

interface Shown {
  target: HTMLElement;
  words: string;
}

/**
 * One tooltip for all controls within: a table has hundreds of them, and only one is ever read.
 * The controls carry the same words as `aria-description`.
 */
export function HintProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const hints = useMemo<Hints>(
    () => ({
      show: (target, words) => {
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setShown({ target, words }), DELAY);
      },
      hide: () => {
        clearTimeout(timer.current);
        setShown(null);
      },
    }),
    [],
  );
  return (
    <HintContext value={hints}>
      {children}
      {shown && (
        <Tooltip opened target={shown.target} label={shown.words} position="top-end" multiline maw={280} />
      )}
    </HintContext>
  );
}
