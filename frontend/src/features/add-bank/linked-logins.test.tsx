import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { makeLink, makeStatus } from '@/testing/factories';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { AddBankPage } from './add-bank-page';

const REFUSED = {
  __typename: 'Mutation',
  startBankLink: {
    __typename: 'StartBankLinkPayload',
    linkSession: null,
    errors: [{ __typename: 'SimpleError', code: 'AGGREGATOR_UNAVAILABLE', message: 'It does not answer.' }],
  },
};

function open(logins: object[]) {
  const server = new FakeServer({
    LinkedLogins: () => ({
      __typename: 'Query',
      bankLinks: { __typename: 'BankLinkConnection', nodes: logins },
    }),
    StartBankLink: () => REFUSED,
  });
  renderPage(<AddBankPage />, { server, path: '/banks/add' });
  return { server, user: userEvent.setup() };
}

const login = (given: Parameters<typeof makeLink>[1] = {}) => ({
  ...makeLink('jdoe', { accountCount: 5, ...given }),
  status: makeStatus(),
});

describe('Add Bank/CC', () => {
  it('names no login while there is none', async () => {
    const { server } = open([]);
    await waitFor(() => expect(server.variablesOf('LinkedLogins').length).toBeGreaterThan(0));
    expect(screen.queryByRole('list', { name: 'Logins that you have' })).toBeNull();
    expect(screen.getByText(/or add the bank again here/)).toBeDefined();
  });

  it('names the logins that are there first', async () => {
    open([login()]);
    const list = await screen.findByRole('list', { name: 'Logins that you have' });
    expect(list.textContent).toContain('You already have Chase – jdoe (5 accounts).');
  });

  it.each([
    ['Fix its sign-in', 'REPAIR'],
    ['Add accounts to it', 'ADD_ACCOUNTS'],
  ])('%s begins to %s, and says why it could not', async (words, mode) => {
    const { server, user } = open([login()]);
    await user.click(await screen.findByRole('button', { name: `${words}: Chase – jdoe` }));
    expect((await screen.findByRole('alert')).textContent).toBe('It does not answer.');
    expect(server.variablesOf('StartBankLink')[0]).toMatchObject({ input: { mode, bankLinkId: 'jdoe' } });
  });

  it('offers neither to those who may not', async () => {
    open([login({ allowed: false })]);
    const fix = await screen.findByRole('button', { name: 'Fix its sign-in: Chase – jdoe' });
    expect(fix).toHaveProperty('disabled', true);
  });
});
