import { Moment } from '@/components/moment';
import styles from './forms.module.css';
import type { Refusal } from './outcome';

/** Why nothing was done, for refusals that stand at no field. Somebody who was faster is named. */
export function RefusalNote({ refusals }: { refusals: readonly Refusal[] }) {
  if (refusals.length === 0) return null;
  return (
    <div className={styles.refusals} role="alert">
      {refusals.map(({ message, conflict, requestId }) => (
        <p key={message}>
          {message}
          {conflict?.at && (
            <>
              {' '}
              {conflict.by ? `By ${conflict.by}, ` : ''}
              <Moment at={conflict.at} />. The line above is as it is now.
            </>
          )}
          {requestId && (
            <>
              {' '}
              Request <code>{requestId}</code>.
            </>
          )}
        </p>
      ))}
    </div>
  );
}
