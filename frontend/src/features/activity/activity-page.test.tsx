import { CombinedError } from '@urql/core';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { connectionOf } from '@/testing/factories';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { ActivityPage } from './activity-page';

const event = (id: string, given: object = {}) => ({
  __typename: 'AuditEvent',
  id,
  happenedAt: '2026-11-18T12:00:00.000Z',
  actor: { __typename: 'Actor', kind: 'USER', name: 'Ada Abbott' },
  action: 'setPeriodLock',
  objectType: 'Books',
  objectId: 'b1',
  changes: [
    { __typename: 'AuditChange', name: 'soft_lock_on', before: null, after: '2026-10-31' },
    { __typename: 'AuditChange', name: 'memo', before: 'old', after: 'new' },
  ],
  requestId: 'req-7f3a',
  ...given,
});

type Resolver = (variables: Record<string, unknown>) => unknown;
const page = (nodes: object[], next: string | null = null) => ({
  __typename: 'Query',
  auditEvents: connectionOf('AuditEvent', nodes, next),
});

function open(AuditEvents: Resolver, path = '/activity') {
  const server = new FakeServer({ AuditEvents });
  return { server, user: userEvent.setup(), ...renderPage(<ActivityPage />, { server, path }) };
}

const items = () => within(screen.getByRole('list', { name: 'Activity' })).getAllByRole('listitem');

describe('ActivityPage', () => {
  it('says when it can’t be read, and reads again', async () => {
    const answers: Resolver[] = [
      () => {
        throw new CombinedError({ graphQLErrors: [{ message: 'Too slow.' }] });
      },
      () => page([event('e1')]),
    ];
    const { user } = open((variables) => answers.shift()?.(variables));
    expect((await screen.findByRole('alert')).textContent).toContain('Too slow.');
    await user.click(screen.getByRole('button', { name: 'Retry' }));
    await waitFor(() => expect(items()).toHaveLength(1));
  });

  it('says that nothing has been done yet', async () => {
    open(() => page([]));
    expect(await screen.findByText('Nothing has been done yet.')).toBeDefined();
  });

  it('says who did what to which object, and opens to before and after', async () => {
    const { user } = open(() =>
      page([
        event('e1'),
        event('e2', { objectType: 'JournalEntry', objectId: 'j1', action: 'bookTransaction' }),
      ]),
    );
    const toggle = await screen.findByRole('button', { name: 'Set period lock' });
    expect(items()[0]?.textContent).toContain('Ada Abbott');
    expect(
      within(items()[1] ?? document.body)
        .getByRole('link')
        .getAttribute('href'),
    ).toBe('/ledger/entries/j1');
    await user.click(toggle);
    expect(toggle.getAttribute('aria-expanded')).toBe('true');
    const rows = within(items()[0] ?? document.body).getAllByRole('row');
    expect(rows.map((row) => row.textContent)).toEqual([
      'WhatBeforeAfter',
      'Soft lock on—31 Oct 2026',
      'Memooldnew',
    ]);
    expect(items()[0]?.textContent).toContain('req-7f3a');
  });

  it('leads from an act to the entries that it touched, and keeps quiet about what stayed empty', async () => {
    const changes = [
      { __typename: 'AuditChange', name: 'journal_entry_ids', before: null, after: '["j1","j2"]' },
      { __typename: 'AuditChange', name: 'match_ids', before: null, after: '[]' },
    ];
    const { user } = open(() => page([event('e1', { objectType: 'Act', action: 'reverse', changes })]));
    await user.click(await screen.findByRole('button', { name: 'Reverse' }));
    const [, detail] = within(items()[0] ?? document.body).getAllByRole('row');
    const links = within(detail ?? document.body).getAllByRole('link');
    expect(links.map((link) => link.getAttribute('href'))).toEqual([
      '/ledger/entries/j1',
      '/ledger/entries/j2',
    ]);
    expect(items()[0]?.textContent).not.toContain('Match ids');
  });

  it('goes on to older events from where the last page ended', async () => {
    const { user, server } = open(({ after }) =>
      after === 'c1' ? page([event('e2')]) : page([event('e1')], 'c1'),
    );
    await user.click(await screen.findByRole('button', { name: 'Older' }));
    await waitFor(() => expect(items()).toHaveLength(2));
    expect(server.variablesOf('AuditEvents').map(({ after }) => after)).toEqual([null, 'c1']);
    expect(screen.queryByRole('button', { name: 'Older' })).toBeNull();
  });

  it('lets the server filter, as the address says', async () => {
    const { user, server, history } = open(() => page([event('e1')]), '/activity?about=Books');
    await user.selectOptions(screen.getByRole('combobox', { name: 'By' }), 'product');
    await waitFor(() => expect(history.at(-1)).toBe('/activity?by=product&about=Books'));
    await waitFor(() =>
      expect(server.variablesOf('AuditEvents').at(-1)).toMatchObject({
        where: { and: [{ actor: { isNull: true } }, { objectType: { eq: 'Books' } }] },
      }),
    );
  });
});
