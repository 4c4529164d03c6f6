import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { Moment } from '@/components/moment';
import styles from './activity.module.css';
import { objectWords, pathOf, toWords, valueWords, type AuditEvent } from './event-words';

function ChangesTable({ event }: { event: AuditEvent }) {
  if (event.changes.length === 0) return <p className={styles.muted}>No values changed.</p>;
  return (
    <table className={styles.changes}>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {event.changes.map(({ name, before, after }) => (
          <tr key={name}>
            <th scope="row">{toWords(name)}</th>
            <td>{valueWords(before)}</td>
            <td>{valueWords(after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ObjectLink({ event }: { event: AuditEvent }) {
  const path = pathOf(event);
  const words = objectWords(event);
  return path === null ? <span>{words}</span> : <Link href={path}>{words}</Link>;
}

function EventItem({ event, showsObject }: { event: AuditEvent; showsObject: boolean }) {
  const [open, setOpen] = useState(false);
  const { action, actor, happenedAt, requestId } = event;
  return (
    <li className={styles.event}>
      <div className={styles.line}>
        <button type="button" className={styles.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
          <ChevronRight size={14} aria-hidden className={styles.chevron} />
          <strong>{toWords(action)}</strong>
        </button>
        {showsObject && (
          <span className={styles.object}>
            <ObjectLink event={event} />
          </span>
        )}
        <span className={styles.who} data-system={actor.kind === 'SYSTEM'}>
          {actor.name}
        </span>
        <span className={styles.when}>
          <Moment at={happenedAt} as="stamp" />
        </span>
      </div>
      {open && (
        <div className={styles.detail}>
          <ChangesTable event={event} />
          {requestId && (
            <p className={styles.muted}>
              Request <code>{requestId}</code>
            </p>
          )}
        </div>
      )}
    </li>
  );
}

/** Events of the audit log, newest first; each opens to what it changed. */
export function EventList({
  label,
  events,
  showsObject = true,
}: {
  label: string;
  events: AuditEvent[];
  showsObject?: boolean;
}) {
  return (
    <ul className={styles.events} aria-label={label}>
      {events.map((event) => (
        <EventItem key={event.id} event={event} showsObject={showsObject} />
      ))}
    </ul>
  );
}
