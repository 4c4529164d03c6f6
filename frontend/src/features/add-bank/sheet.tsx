import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './add-bank.module.css';

/** One step of a sign-in, in words. */
export function Sheet({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles.page}>
      <section className={styles.sheet} aria-live="polite">
        <Title order={1} size="h3">
          {title}
        </Title>
        {children}
      </section>
    </div>
  );
}
