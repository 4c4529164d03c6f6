import type { OperationResult, OperationResultSource, RequestPolicy } from '@urql/core';
import { toFailure, type Failure } from './errors';

export interface Connection<Row> {
  nodes: Row[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount: number | null;
}

export interface Pages<Row> {
  rows: Row[];
  /** Null when counting would cost the server too much, or nothing has come yet. */
  totalCount: number | null;
  hasMore: boolean;
  /** True until the first page is there. */
  loading: boolean;
  /** True while pages that are already shown are read again, or the next one is read. */
  fetching: boolean;
  failure: Failure | null;
}

type Run<Data> = (
  after: string | null,
  policy: RequestPolicy,
) => OperationResultSource<OperationResult<Data>>;
export type Select<Data, Row> = (data: Data) => Connection<Row> | null | undefined;

interface Page<Row> {
  after: string | null;
  connection: Connection<Row> | null;
  close: () => void;
}

const NOTHING: Pages<never> = {
  rows: [],
  totalCount: null,
  hasMore: false,
  loading: true,
  fetching: true,
  failure: null,
};

/**
 * A list that is read page by page and stays live: each page is a query of the normalised cache, so
 * a change of one row repaints it, while the order stays as the server gave it until `refetch`.
 */
export class PagedQuery<Data, Row extends { id: string }> {
  private readonly run: Run<Data>;
  private readonly select: Select<Data, Row>;
  private pages: Page<Row>[] = [];
  private listeners = new Set<() => void>();
  private current: Pages<Row> = NOTHING;
  private failure: Failure | null = null;
  private fetching = false;
  private reading = false;
  private readAgain = false;

  constructor(run: Run<Data>, select: Select<Data, Row>) {
    this.run = run;
    this.select = select;
  }

  /** Begins to read; the returned function ends it. */
  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.pages.length === 0) this.open([null]);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.closeAll();
    };
  };

  snapshot = (): Pages<Row> => this.current;

  loadMore = (): void => {
    const last = this.pages.at(-1)?.connection?.pageInfo;
    if (!last?.hasNextPage || last.endCursor === null || this.fetching) return;
    this.fetching = true;
    this.pages.push(this.openPage(last.endCursor));
    this.publish();
  };

  /** Reads as many pages as are shown anew and shows them all at once; asked while it does, it does so again. */
  refetch = async (): Promise<void> => {
    this.readAgain = this.reading;
    if (this.reading || this.listeners.size === 0) return;
    this.reading = true;
    this.fetching = true;
    this.publish();
    const starts = await this.readAnew(Math.max(1, this.pages.length));
    this.reading = false;
    this.fetching = false;
    if (this.listeners.size > 0 && starts) this.open(starts);
    else this.publish();
    if (this.readAgain) await this.refetch();
  };

  private async readAnew(count: number): Promise<(string | null)[] | null> {
    const starts: (string | null)[] = [];
    let after: string | null = null;
    do {
      starts.push(after);
      const { data, error }: OperationResult<Data> = await this.run(after, 'network-only').toPromise();
      this.failure = error ? toFailure(error) : null;
      if (error) return null;
      const info: Connection<Row>['pageInfo'] | undefined = (data && this.select(data))?.pageInfo;
      after = info?.hasNextPage ? info.endCursor : null;
    } while (after !== null && starts.length < count);
    return starts;
  }

  private open(starts: (string | null)[]): void {
    const old = this.pages;
    this.pages = [];
    for (const after of starts) this.pages.push(this.openPage(after));
    for (const page of old) page.close();
    this.publish();
  }

  private openPage(after: string | null): Page<Row> {
    const page: Page<Row> = { after, connection: null, close: () => undefined };
    const subscription = this.run(after, 'cache-first').subscribe(({ data, error, stale }) => {
      this.failure = error ? toFailure(error) : null;
      page.connection = (data && this.select(data)) ?? page.connection;
      this.fetching = stale;
      this.publish();
    });
    page.close = () => subscription.unsubscribe();
    return page;
  }

  private closeAll(): void {
    for (const page of this.pages) page.close();
    this.pages = [];
  }

  private publish(): void {
    const connections = this.pages.flatMap(({ connection }) => (connection ? [connection] : []));
    const byId = new Map(connections.flatMap(({ nodes }) => nodes).map((row) => [row.id, row]));
    this.current = {
      rows: [...byId.values()],
      totalCount: connections[0]?.totalCount ?? null,
      hasMore: connections.at(-1)?.pageInfo.hasNextPage ?? false,
      loading: connections.length === 0 && !this.failure,
      fetching: this.fetching,
      failure: this.failure,
    };
    for (const listener of this.listeners) listener();
  }
}
