import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { Moment } from '@/components/moment';
import styles from './activity.module.css';
import {
  changesOf,
  namedIn,
  objectsOf,
  toWords,
  valueWords,
  type AboutObject,
  type AuditEvent,
} from './event-words';

function ChangesTable({ event }: { event: AuditEvent }) {
  const changes = changesOf(event);
  if (changes.length === 0) return <p className={styles.muted}>No values changed.</p>;
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
        {changes.map(({ name, before, after }) => (
          <tr key={name}>
            <th scope="row">{toWords(name)}</th>
            <td>
              <Value name={name} value={before} />
            </td>
            <td>
              <Value name={name} value={after} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Links to the objects, one behind the other. */
function Objects({ objects }: { objects: AboutObject[] }) {
  return objects.map(({ words, path }, index) => (
    <span key={index}>
      {index > 0 && ', '}
      {path === null ? words : <Link href={path}>{words}</Link>}
    </span>
  ));
}

function Value({ name, value }: { name: string; value: string | null }) {
  const objects = namedIn(name, value);
  return objects.length > 0 ? <Objects objects={objects} /> : valueWords(value);
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
            <Objects objects={objectsOf(event)} />
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
