import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './panel.module.css';

interface PanelProps {
  title: string;
  children?: ReactNode;
  /** A problem is read out at once. */
  problem?: boolean;
}

/** Words in place of a list: why it is empty, or what went wrong, and what to do. */
export function Panel({ title, children, problem = false }: PanelProps) {
  return (
    <div className={styles.panel} role={problem ? 'alert' : 'status'} data-problem={problem}>
      <p className={styles.title}>{title}</p>
      {children}
    </div>
  );
}

interface ErrorPanelProps {
  title: string;
  failure: { message: string; requestId: string | null };
  onRetry: () => void;
}

export function ErrorPanel({ title, failure, onRetry }: ErrorPanelProps) {
  return (
    <Panel title={title} problem>
      <p>
        {failure.message}
        {failure.requestId && (
          <>
            {' '}
            If you report this, quote request <code>{failure.requestId}</code>.
          </>
        )}
      </p>
      <Button size="xs" variant="default" onClick={onRetry}>
        Retry
      </Button>
    </Panel>
  );
}
