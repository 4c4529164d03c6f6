import { CombinedError } from '@urql/core';
import { describe, expect, it, vi } from 'vitest';
import { connectionOf, makeAccount } from '@/testing/factories';
import { FakeServer } from '@/testing/fake-server';
import { BankAccountsDocument, type BankAccountsQuery } from './generated/operations';
import { PagedQuery } from './paged-query';

type Row = BankAccountsQuery['bankAccounts']['nodes'][number];

/** A server with these accounts in this order, two on a page; the cursor is where the next page begins. */
function listing(names: string[]) {
  return ({ after }: Record<string, unknown>) => {
    const from = Number(after ?? 0);
    const page = names.slice(from, from + 2).map((name) => makeAccount(name));
    return {
      __typename: 'Query',
      bankAccounts: connectionOf('BankAccount', page, from + 2 < names.length ? String(from + 2) : null),
    };
  };
}

function read(server: FakeServer) {
  const query = new PagedQuery<BankAccountsQuery, Row>(
    (after, requestPolicy) =>
      server.client.query(BankAccountsDocument, { first: 2, after }, { requestPolicy }),
    (found) => found.bankAccounts,
  );
  const close = query.subscribe(() => undefined);
  return { query, close, names: () => query.snapshot().rows.map(({ name }) => name) };
}

describe('PagedQuery', () => {
  it('says why it could not read, and reads when asked again', async () => {
    const server = new FakeServer({
      BankAccounts: () => {
        throw new CombinedError({
          graphQLErrors: [{ message: 'Masked.', extensions: { code: 'INTERNAL', requestId: '7f3a' } }],
        });
      },
    });
    const { query, names } = read(server);
    await vi.waitFor(() =>
      expect(query.snapshot().failure).toEqual({ message: 'Masked.', code: 'INTERNAL', requestId: '7f3a' }),
    );
    expect(query.snapshot().loading).toBe(false);
    server.answer('BankAccounts', listing(['a']));
    await query.refetch();
    expect(names()).toEqual(['a']);
    expect(query.snapshot().failure).toBeNull();
  });

  it('reads on until the end', async () => {
    const { query, names } = read(new FakeServer({ BankAccounts: listing(['a', 'b', 'c']) }));
    await vi.waitFor(() => expect(names()).toEqual(['a', 'b']));
    query.loadMore();
    await vi.waitFor(() => expect(names()).toEqual(['a', 'b', 'c']));
    expect(query.snapshot().hasMore).toBe(false);
  });

  it('reads all shown pages anew, and shows the new order at once', async () => {
    const server = new FakeServer({ BankAccounts: listing(['a', 'b', 'c', 'd']) });
    const { query, names } = read(server);
    await vi.waitFor(() => expect(names()).toEqual(['a', 'b']));
    query.loadMore();
    await vi.waitFor(() => expect(names()).toEqual(['a', 'b', 'c', 'd']));
    server.answer('BankAccounts', listing(['d', 'c', 'b', 'a', 'new']));
    await query.refetch();
    expect(names()).toEqual(['d', 'c', 'b', 'a']);
    expect(query.snapshot().hasMore).toBe(true);
  });

  it('shows a row once, even if it moved to the next page between two reads', async () => {
    const server = new FakeServer({ BankAccounts: listing(['a', 'b', 'c']) });
    const { query, names } = read(server);
    await vi.waitFor(() => expect(names()).toEqual(['a', 'b']));
    server.answer('BankAccounts', listing(['new', 'a', 'b', 'c']));
    query.loadMore();
    await vi.waitFor(() => expect(names()).toEqual(['a', 'b', 'c']));
  });

  it('stops when nobody looks', async () => {
    const server = new FakeServer({ BankAccounts: listing(['a']) });
    const { query, close, names } = read(server);
    await vi.waitFor(() => expect(names()).toEqual(['a']));
    close();
    await query.refetch();
    expect(server.variablesOf('BankAccounts')).toHaveLength(1);
  });
});
