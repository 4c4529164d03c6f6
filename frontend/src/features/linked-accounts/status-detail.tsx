import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Moment } from '@/components/moment';
import { copyText } from '@/lib/clipboard';
import { useAccountActions } from './use-account-actions';
import { outcomeWords, statusWords, type BankAccountRow } from './account-words';
import styles from './status-detail.module.css';
import { StatusIcon } from './status-icon';
import { detailsText } from './details-text';
import { refreshBlocked } from './permissions';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Facts({ status }: Pick<BankAccountRow, 'status'>) {
  const { refresh } = status;
  return (
    <dl className={styles.facts}>
      {status.providerCode && (
        <Fact name="Code">
          <code>{status.providerCode}</code>
        </Fact>
      )}
      <Fact name="Since">
        <Moment at={status.since} />
      </Fact>
      {status.lastGoodAt && (
        <Fact name="Last good">
          <Moment at={status.lastGoodAt} />
        </Fact>
      )}
      {status.nextTryAt && (
        <Fact name="Next try">
          <Moment at={status.nextTryAt} as="due" />
        </Fact>
      )}
      {refresh?.state === 'DONE' && <Fact name="Last refresh">{outcomeWords(refresh)}</Fact>}
      {status.requestId && (
        <Fact name="Request">
          <code>{status.requestId}</code>
        </Fact>
      )}
    </dl>
  );
}

function CopyDetails({ account }: { account: BankAccountRow }) {
  const [copied, setCopied] = useState(false);
  const copy = () => void copyText(detailsText(account)).then(setCopied);
  return (
    <Button size="compact-sm" variant="default" onClick={copy}>
      {copied ? 'Copied' : 'Copy details'}
    </Button>
  );
}

/** All that is known about a status, in plain words, with the one thing to do about it. */
export function StatusDetail({ account, onDone }: { account: BankAccountRow; onDone: () => void }) {
  const { refresh } = useAccountActions();
  const { status } = account;
  const act = () => {
    onDone();
    refresh(account);
  };
  return (
    <div className={styles.detail}>
      <p className={styles.headline} data-severity={status.severity}>
        <StatusIcon status={status} size={16} />
        {statusWords(account)}
      </p>
      <p>{status.detail}</p>
      {status.providerMessage && (
        <blockquote className={styles.quote} cite={account.institution?.name}>
          <span>The bank’s own words</span>
          {status.providerMessage}
        </blockquote>
      )}
      <Facts status={status} />
      <div className={styles.buttons}>
        {status.actionLabel && refreshBlocked(account) === null && (
          <Button size="compact-sm" onClick={act}>
            {status.actionLabel}
          </Button>
        )}
        <CopyDetails account={account} />
      </div>
    </div>
  );
}
