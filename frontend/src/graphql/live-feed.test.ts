import { CombinedError } from '@urql/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeAccount } from '@/testing/factories';
import { FakeServer } from '@/testing/fake-server';
import { BankAccountDocument, type ChangeFieldsFragment } from './generated/operations';
import { LiveFeed } from './live-feed';

const event = (head: string, changes: unknown[] = []) => ({
  __typename: 'Subscription',
  organizationChanged: { __typename: 'ChangesEvent', head, changes },
});
const renamed = (id: string, name: string) => ({
  __typename: 'Change',
  cursor: `cursor-${name}`,
  type: 'BANK_ACCOUNT',
  id,
  kind: 'UPSERTED',
  node: makeAccount(id, { name }),
});
const gone = (id: string) => ({
  __typename: 'Change',
  cursor: 'c',
  type: 'BANK_ACCOUNT',
  id,
  kind: 'GONE',
  node: null,
});

function begin(server: FakeServer) {
  const feed = new LiveFeed(server.client, 'head-0');
  const changes: ChangeFieldsFragment[] = [];
  const onResync = vi.fn();
  feed.listen({ onChanges: (batch) => changes.push(...batch), onResync });
  const end = feed.start();
  const cursors = () => server.variablesOf('OrganizationChanged').map(({ after }) => after);
  return { feed, changes, onResync, end, cursors };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('LiveFeed', () => {
  it('is live when the first message has come, and asks from the head that it was given', () => {
    const server = new FakeServer({});
    const { feed, end, cursors } = begin(server);
    expect(feed.getState()).toBe('connecting');
    server.push('OrganizationChanged', event('head-1'));
    expect(feed.getState()).toBe('live');
    expect(cursors()).toEqual(['head-0']);
    end();
  });

  it('tells what changed, and repaints what is shown', async () => {
    const server = new FakeServer({
      BankAccount: () => ({ __typename: 'Query', bankAccount: makeAccount('a1', { name: 'Old' }) }),
    });
    const names: (string | undefined)[] = [];
    const shown = server.client
      .query(BankAccountDocument, { id: 'a1' })
      .subscribe(({ data }) => names.push(data?.bankAccount?.name));
    await vi.advanceTimersByTimeAsync(0);
    const { changes, end } = begin(server);
    server.push('OrganizationChanged', event('head-1', [renamed('a1', 'New')]));
    await vi.advanceTimersByTimeAsync(0);
    expect(changes.map(({ id }) => id)).toEqual(['a1']);
    expect(names).toEqual(['Old', 'New']);
    shown.unsubscribe();
    end();
  });

  it('lets go of what is gone', async () => {
    const answers = [makeAccount('a1'), null];
    const server = new FakeServer({
      BankAccount: () => ({ __typename: 'Query', bankAccount: answers.shift() ?? null }),
    });
    const shown: unknown[] = [];
    server.client
      .query(BankAccountDocument, { id: 'a1' })
      .subscribe(({ data }) => shown.push(data?.bankAccount?.id));
    await vi.advanceTimersByTimeAsync(0);
    const { end } = begin(server);
    server.push('OrganizationChanged', event('head-1', [gone('a1')]));
    await vi.advanceTimersByTimeAsync(0);
    expect(shown.at(-1)).toBeUndefined();
    end();
  });

  it('comes back after a gap, from the last head that it saw', async () => {
    const server = new FakeServer({});
    const { feed, end, cursors } = begin(server);
    server.push('OrganizationChanged', event('head-7'));
    server.drop();
    expect(feed.getState()).toBe('connecting');
    await vi.advanceTimersByTimeAsync(1_500);
    expect(cursors()).toEqual(['head-0', 'head-7']);
    server.push('OrganizationChanged', event('head-8'));
    expect(feed.getState()).toBe('live');
    end();
  });

  it('is paused after ten seconds without a connection, and polls every thirty', async () => {
    const server = new FakeServer({
      Changes: ({ after }) => ({
        __typename: 'Query',
        changes: {
          __typename: 'ChangeConnection',
          nodes: after === 'head-0' ? [renamed('a1', 'New')] : [],
          pageInfo: { __typename: 'PageInfo', hasNextPage: after === 'head-0', endCursor: 'head-9' },
        },
      }),
    });
    const { feed, changes, end } = begin(server);
    server.drop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(feed.getState()).toBe('paused');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(changes.map(({ id }) => id)).toEqual(['a1']);
    expect(server.variablesOf('Changes').map(({ after }) => after)).toEqual(['head-0', 'head-9']);
    end();
  });

  it('asks everyone to read again when the server says so', () => {
    const server = new FakeServer({});
    const { onResync, end } = begin(server);
    server.push('OrganizationChanged', {
      __typename: 'Subscription',
      organizationChanged: { __typename: 'ResyncEvent', head: 'head-5', message: 'Too much was missed.' },
    });
    expect(onResync).toHaveBeenCalledTimes(1);
    end();
  });

  it('begins anew at the head when its cursor is refused', async () => {
    const server = new FakeServer({});
    const { onResync, end, cursors } = begin(server);
    server.drop(
      new CombinedError({ graphQLErrors: [{ message: 'Too old.', extensions: { code: 'CURSOR_EXPIRED' } }] }),
    );
    expect(onResync).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(cursors()).toEqual(['head-0', null]);
    end();
  });

  it('asks for more types when a page needs them, from where it stands', () => {
    const server = new FakeServer({});
    const { feed, end, cursors } = begin(server);
    server.push('OrganizationChanged', event('head-3'));
    const leave = feed.listen({ types: ['BANK_TRANSACTION'] });
    feed.listen({ types: ['BANK_TRANSACTION'] });
    const types = server.variablesOf('OrganizationChanged').map((asked) => asked.types as string[]);
    expect(types.map((asked) => asked.includes('BANK_TRANSACTION'))).toEqual([false, true]);
    expect(cursors()).toEqual(['head-0', 'head-3']);
    expect(feed.getState()).toBe('live');
    leave();
    end();
  });

  it('is silent once ended', async () => {
    const server = new FakeServer({});
    const { end, cursors } = begin(server);
    server.drop();
    end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(cursors()).toEqual(['head-0']);
  });
});
