import type { Client } from '@urql/core';
import {
  ChangesDocument,
  OrganizationChangedDocument,
  type ChangeFieldsFragment,
  type ChangeType,
} from './generated/operations';

/**
 * What the page shows live. Transactions come in thousands: they are read anew when a refresh is
 * done, or when an act in the books tells of them, but for a page that asks for each of them.
 */
const TYPES: ChangeType[] = [
  'BANK_ACCOUNT',
  'BANK_LINK',
  'REFRESH',
  'LINK_SESSION',
  'LEDGER_ACCOUNT',
  'JOURNAL_ENTRY',
  'ACT',
  'ORGANIZATION',
];
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;
const PATIENCE = 10_000;
const POLL = 30_000;

export type LiveState = 'connecting' | 'live' | 'paused';
export interface LiveListener {
  /** What this listener needs besides that which everybody hears of. */
  types?: readonly ChangeType[];
  /** Objects changed; the cache already holds them. */
  onChanges?: (changes: ChangeFieldsFragment[]) => void;
  /** Changes may have been missed: read again what is on the screen. */
  onResync?: () => void;
}

/**
 * The live end of the changes feed: one subscription per tab, opened again with growing pauses from
 * the last cursor that was seen. Down for ten seconds it is `paused`, and the feed is polled.
 */
export class LiveFeed {
  private readonly client: Client;
  private head: string | null;
  private listeners = new Set<LiveListener>();
  private stateListeners = new Set<() => void>();
  private state: LiveState = 'connecting';
  private pause = FIRST_PAUSE;
  private running = false;
  private asked: ChangeType[] = [];
  private end: () => void = () => undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private poll: ReturnType<typeof setInterval> | undefined;

  /** @param head the cursor up to which the screen is known to be current. */
  constructor(client: Client, head: string | null) {
    this.client = client;
    this.head = head;
  }

  /** Begins; the returned function ends it. */
  start = (): (() => void) => {
    this.running = true;
    this.open();
    return () => {
      this.running = false;
      this.end();
      clearTimeout(this.retry);
      this.calm();
    };
  };

  listen = (listener: LiveListener): (() => void) => {
    this.listeners.add(listener);
    const missing = listener.types?.some((type) => !this.asked.includes(type));
    if (missing && this.running) this.reopen();
    return () => this.listeners.delete(listener);
  };

  onState = (listener: () => void): (() => void) => {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  };

  getState = (): LiveState => this.state;

  private types(): ChangeType[] {
    return [...new Set([...TYPES, ...[...this.listeners].flatMap(({ types = [] }) => types)])];
  }

  /** Asks for more types, from the last cursor on; nothing is missed and the state stays. */
  private reopen(): void {
    this.end();
    clearTimeout(this.retry);
    this.open();
  }

  private open(): void {
    this.asked = this.types();
    this.waitPatiently();
    let over = false;
    const lose = () => {
      if (over) return;
      over = true;
      this.reopenLater();
    };
    const source = this.client.subscription(OrganizationChangedDocument, {
      types: this.asked,
      after: this.head,
    });
    const subscription = source.subscribe(({ data, error, hasNext }) => {
      if (error) {
        if (error.graphQLErrors.length > 0) this.forget();
        lose();
        return;
      }
      if (data) this.receive(data.organizationChanged);
      if (!hasNext) lose();
    });
    this.end = () => subscription.unsubscribe();
  }

  private receive(event: OrganizationEvent): void {
    this.calm();
    this.setState('live');
    this.pause = FIRST_PAUSE;
    this.head = event.head;
    if (event.__typename === 'ResyncEvent') this.resync();
    else this.tell(event.changes);
  }

  /** The server did not take our cursor: begin at its head, and read the screen again. */
  private forget(): void {
    if (this.head === null) return;
    this.head = null;
    this.resync();
  }

  private reopenLater(): void {
    this.end();
    this.setState(this.state === 'paused' ? 'paused' : 'connecting');
    this.waitPatiently();
    this.retry = setTimeout(() => this.open(), this.pause * (0.75 + Math.random() / 2));
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
  }

  private waitPatiently(): void {
    this.patience ??= setTimeout(() => {
      this.setState('paused');
      this.poll = setInterval(() => void this.readMissed(), POLL);
    }, PATIENCE);
  }

  private calm(): void {
    clearTimeout(this.patience);
    clearInterval(this.poll);
    this.patience = undefined;
  }

  /** Reads the feed by HTTP up to its end; without a cursor there is only reading the screen again. */
  private async readMissed(): Promise<void> {
    let more = this.head !== null;
    if (!more) this.resync();
    while (more && this.head !== null) {
      const variables = { types: this.asked, after: this.head };
      const { data, error } = await this.client
        .query(ChangesDocument, variables, { requestPolicy: 'network-only' })
        .toPromise();
      if (error || !data) return;
      this.head = data.changes.pageInfo.endCursor ?? this.head;
      more = data.changes.pageInfo.hasNextPage;
      this.tell(data.changes.nodes);
      if (data.changes.nodes.some(({ kind }) => kind === 'GONE')) this.resync();
    }
  }

  private tell(changes: ChangeFieldsFragment[]): void {
    if (changes.length === 0) return;
    for (const { onChanges } of this.listeners) onChanges?.(changes);
  }

  private resync(): void {
    for (const { onResync } of this.listeners) onResync?.();
  }

  private setState(state: LiveState): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.stateListeners) listener();
  }
}

type OrganizationEvent =
  | { __typename: 'ChangesEvent'; head: string; changes: ChangeFieldsFragment[] }
  | { __typename: 'ResyncEvent'; head: string };
