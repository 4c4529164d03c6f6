import { MantineProvider } from '@mantine/core';
import { Client, CombinedError, type Exchange, type Operation, type OperationResult } from '@urql/core';
import { render } from '@testing-library/react';
import { Kind } from 'graphql';
import type { ReactElement } from 'react';
import { Provider } from 'urql';
import {
  filter,
  fromPromise,
  makeSubject,
  map,
  mergeMap,
  pipe,
  takeUntil,
  type Source,
  type Subject,
} from 'wonka';
import { Router } from 'wouter';
import { memoryLocation } from 'wouter/memory-location';
import { AnnouncerProvider } from '@/components/announcer';
import { NoticesProvider } from '@/components/notices';
import { makeCache } from '@/graphql/cache';

type Answer = { data: unknown } | { error: CombinedError };
type Resolver = (variables: Record<string, unknown>) => unknown;

interface Asked {
  name: string;
  variables: Record<string, unknown>;
}

interface Stream {
  name: string;
  operation: Operation;
  subject: Subject<OperationResult>;
}

function nameOf({ query }: Operation): string {
  for (const definition of query.definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION) return definition.name?.value ?? '';
  return '';
}

const variablesOf = ({ variables }: Operation) => variables as Record<string, unknown>;

/**
 * A server in memory behind the real cache: it answers each operation by name with `data`, and
 * keeps what it was asked. What a resolver throws is the operation's error.
 */
export class FakeServer {
  readonly asked: Asked[] = [];
  readonly client: Client;
  private readonly resolvers: Record<string, Resolver>;
  private readonly streams: Stream[] = [];

  constructor(resolvers: Record<string, Resolver>) {
    this.resolvers = resolvers;
    this.client = new Client({
      url: 'http://fake.test/graphql',
      preferGetMethod: false,
      exchanges: [makeCache(), this.exchange],
    });
  }

  /** Another answer from now on. */
  answer(name: string, resolver: Resolver): void {
    this.resolvers[name] = resolver;
  }

  variablesOf(name: string): Record<string, unknown>[] {
    return this.asked.filter((asked) => asked.name === name).map(({ variables }) => variables);
  }

  /** Sends this to whoever is subscribed. */
  push(name: string, data: unknown): void {
    for (const { operation, subject } of this.streams.filter((stream) => stream.name === name))
      subject.next(toResult(operation, { data }));
  }

  /** Breaks every subscription, as a lost connection does, or refuses it with `error`. */
  drop(error = new CombinedError({ networkError: new Error('The socket closed.') })): void {
    for (const { operation, subject } of this.streams.splice(0)) {
      subject.next({ ...toResult(operation, { error }), hasNext: false });
      subject.complete();
    }
  }

  private readonly exchange: Exchange = () => (operations$) =>
    pipe(
      operations$,
      filter(({ kind }) => kind !== 'teardown'),
      mergeMap((operation) => {
        const over = pipe(
          operations$,
          filter(({ kind, key }) => kind === 'teardown' && key === operation.key),
        );
        const results = operation.kind === 'subscription' ? this.stream(operation) : this.reply(operation);
        return pipe(results, takeUntil(over));
      }),
    );

  private stream(operation: Operation): Source<OperationResult> {
    const subject = makeSubject<OperationResult>();
    const name = nameOf(operation);
    this.asked.push({ name, variables: variablesOf(operation) });
    this.streams.push({ name, operation, subject });
    return subject.source;
  }

  private reply(operation: Operation): Source<OperationResult> {
    return pipe(
      fromPromise(this.resolve(operation)),
      map((answer) => toResult(operation, answer)),
    );
  }

  private async resolve(operation: Operation): Promise<Answer> {
    const name = nameOf(operation);
    const variables = variablesOf(operation);
    this.asked.push({ name, variables });
    const resolver = this.resolvers[name];
    if (!resolver) return new Promise(() => undefined);
    try {
      return { data: await Promise.resolve(resolver(variables)) };
    } catch (error) {
      return { error: error as CombinedError };
    }
  }
}

function toResult(operation: Operation, answer: Answer): OperationResult {
  return { operation, data: undefined, stale: false, hasNext: operation.kind === 'subscription', ...answer };
}

/** Renders a page at an address, with all that it finds around itself in the product. */
export function renderPage(page: ReactElement, { server, path }: { server: FakeServer; path: string }) {
  const location = memoryLocation({ path, record: true });
  const rendered = render(
    <MantineProvider env="test">
      <Provider value={server.client}>
        <Router hook={location.hook} searchHook={location.searchHook}>
          <AnnouncerProvider>
            <NoticesProvider>{page}</NoticesProvider>
          </AnnouncerProvider>
        </Router>
      </Provider>
    </MantineProvider>,
  );
  return { ...rendered, history: location.history };
}
