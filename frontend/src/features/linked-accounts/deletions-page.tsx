import { Button } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { Link } from 'wouter';
import { Moment } from '@/components/moment';
import { ErrorPanel, Panel } from '@/components/panel';
import { DeletionsDocument, type DeletionsQuery } from '@/graphql/generated/operations';
import { usePages } from '@/graphql/use-pages';
import styles from './deletions-page.module.css';
import { receiptTitle, type Receipt } from './deletion-words';
import { ReceiptDetail } from './receipt';

const ALL = { first: 25 };
const selectDeletions = (found: DeletionsQuery) => found.deletions;

function ReceiptItem({ receipt }: { receipt: Receipt }) {
  return (
    <li>
      <article aria-label={receiptTitle(receipt)} className={styles.item}>
        <h2>{receiptTitle(receipt)}</h2>
        <p className={styles.who}>
          {receipt.actor.name}, <Moment at={receipt.deletedAt} as="stamp" />
        </p>
        <ReceiptDetail receipt={receipt} />
      </article>
    </li>
  );
}

/** The receipts of all deletions, newest first; they are kept for ever. */
export function DeletionsPage() {
  useDocumentTitle('Deletions · Counterfoil');
  const pages = usePages(DeletionsDocument, ALL, selectDeletions);
  return (
    <div className={styles.page}>
      <p className={styles.crumb}>
        <Link href="/banks">Link Banks</Link>
      </p>
      <h1>Deletions</h1>
      {pages.failure && (
        <ErrorPanel
          title="Couldn’t load the receipts."
          failure={pages.failure}
          onRetry={() => void pages.refetch()}
        />
      )}
      {pages.loading && <Panel title="Reading…" />}
      {!pages.loading && !pages.failure && pages.rows.length === 0 && (
        <Panel title="Nothing has been deleted yet.">
          <p>When an account or a login is deleted, its receipt stays here.</p>
        </Panel>
      )}
      {pages.rows.length > 0 && (
        <ul className={styles.list} aria-label="Receipts">
          {pages.rows.map((receipt) => (
            <ReceiptItem key={receipt.id} receipt={receipt} />
          ))}
        </ul>
      )}
      {pages.hasMore && (
        <Button variant="default" size="xs" loading={pages.fetching} onClick={pages.loadMore}>
          Older
        </Button>
      )}
    </div>
  );
}
