import { Button, CloseButton } from '@mantine/core';
import { CircleAlert, CircleCheck } from 'lucide-react';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import styles from './notices.module.css';
import { NoticesContext, type NoticeAction, type Notify, type Tone } from './use-notify';

const SHOWN_FOR = 10_000;

interface Notice {
  id: number;
  tone: Tone;
  text: string;
  action: NoticeAction | undefined;
}

function NoticeLine({ notice, onClose }: { notice: Notice; onClose: () => void }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(onClose, SHOWN_FOR);
    return () => clearTimeout(timer);
  }, [held, onClose]);
  const Icon = notice.tone === 'done' ? CircleCheck : CircleAlert;
  const role = notice.tone === 'done' ? 'status' : 'alert';
  const { action } = notice;
  return (
    <div
      role={action ? 'group' : role}
      aria-label={action && notice.text}
      className={styles.notice}
      data-tone={notice.tone}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon size={16} aria-hidden />
      <span>{notice.text}</span>
      {action && (
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            onClose();
            action.run();
          }}
        >
          {action.label}
        </Button>
      )}
      <CloseButton size="sm" aria-label="Close this notice" onClick={onClose} />
    </div>
  );
}

/** Short sentences at the bottom left about what the person just did; they wait while one reads. */
export function NoticesProvider({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<Notice[]>([]);
  const notify = useMemo<Notify>(() => {
    let next = 0;
    return (tone, text, action) =>
      setNotices((shown) => [...shown.slice(-2), { id: next++, tone, text, action }]);
  }, []);
  return (
    <NoticesContext value={notify}>
      {children}
      <div className={styles.corner}>
        {notices.map((notice) => (
          <NoticeLine
            key={notice.id}
            notice={notice}
            onClose={() => setNotices((shown) => shown.filter(({ id }) => id !== notice.id))}
          />
        ))}
      </div>
    </NoticesContext>
  );
}
