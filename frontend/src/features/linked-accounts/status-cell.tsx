import { Popover } from '@mantine/core';
import { useEffect, useRef, useState, type FocusEvent, type KeyboardEvent } from 'react';
import { useAccountActions, useAttention } from './use-account-actions';
import { statusWords, type BankAccountRow } from './account-words';
import { stopIn } from '@/components/grid/stop';
import { StatusDetail } from './status-detail';
import { StatusIcon } from './status-icon';
import styles from './status.module.css';

const HOVER_DELAY = 300;
const LEAVE_DELAY = 200;
const WIDTH = 'min(22.5rem, calc(100vw - 24px))';

/** Opens and closes with the pointer or the focus: slowly, so that passing over does nothing. */
function useHover(onChange: (near: boolean) => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const after = (near: boolean) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(near), near ? HOVER_DELAY : LEAVE_DELAY);
  };
  return {
    onMouseEnter: () => after(true),
    onMouseLeave: () => after(false),
    stop: () => clearTimeout(timer.current),
  };
}

/** Whether an account's status is spelled out; opened by hand it is held, and the pointer leaves it alone. */
function useSpelledOut(accountId: string) {
  const { showStatus } = useAccountActions();
  const { statusOf } = useAttention();
  const [held, setHeld] = useState(false);
  const target = useRef<HTMLButtonElement>(null);
  const opened = statusOf === accountId;
  const show = (open: boolean) => showStatus(open ? accountId : null);
  const { stop, ...hover } = useHover((near) => {
    if (!held) show(near);
  });
  const returning = useRef(false);
  const focus = {
    onFocus: ({ currentTarget }: FocusEvent) => {
      if (!returning.current && currentTarget.matches(':focus-visible')) hover.onMouseEnter();
      returning.current = false;
    },
    onBlur: hover.onMouseLeave,
  };
  const change = (open: boolean) => {
    stop();
    setHeld(open);
    show(open);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !opened) return;
    event.stopPropagation();
    change(false);
    returning.current = document.activeElement !== target.current;
    target.current?.focus();
  };
  return {
    opened,
    held,
    target,
    hover,
    focus,
    open: () => change(true),
    close: () => change(false),
    onKeyDown,
  };
}

/**
 * The status in words, and all that is known about it on hover, on focus, on Enter and on a tap.
 * Opened by hand it takes the focus and stays; Esc closes it and gives the focus back.
 */
export function StatusCell({ account, inGrid = true }: { account: BankAccountRow; inGrid?: boolean }) {
  const { status } = account;
  const { opened, held, target, hover, focus, open, close, onKeyDown } = useSpelledOut(account.id);
  return (
    <span className={styles.anchor}>
      <button
        ref={target}
        type="button"
        {...stopIn(inGrid)}
        aria-haspopup="dialog"
        aria-expanded={opened}
        className={styles.status}
        data-severity={status.severity}
        data-busy={status.activity !== 'IDLE'}
        data-status-of={account.id}
        onClick={open}
        onKeyDown={onKeyDown}
        {...hover}
        {...focus}
      >
        <StatusIcon status={status} />
        <span className={styles.words}>{statusWords(account)}</span>
      </button>
      {opened && (
        <Popover
          opened
          onDismiss={close}
          trapFocus={held}
          width={WIDTH}
          position="bottom-start"
          shadow="md"
          closeOnEscape={false}
          withRoles={false}
        >
          <Popover.Target>
            <span className={styles.place} aria-hidden />
          </Popover.Target>
          <Popover.Dropdown
            role="dialog"
            aria-label={`Status of ${account.name}`}
            onKeyDown={onKeyDown}
            {...hover}
            p={0}
          >
            <StatusDetail account={account} onDone={close} />
          </Popover.Dropdown>
        </Popover>
      )}
    </span>
  );
}
