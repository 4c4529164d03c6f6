import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { OpenSessions } from './open-sessions';
import { ReturnPage } from './return-page';

const URL_STEP = { __typename: 'OpenUrlStep', stepId: 'step-1', url: 'https://bank.test/link/1' };
const DONE_STEP = {
  __typename: 'DoneStep',
  bankLink: { __typename: 'BankLink', id: 'k1', name: 'Chase', accountCount: 3 },
};

function session(step: object, given: object = {}) {
  return {
    __typename: 'LinkSession',
    id: 's1',
    mode: 'ADD',
    sessionState: 'STARTED',
    expiresAt: '2026-11-18T14:00:00.000Z',
    revision: 1,
    step,
    bankLink: null,
    error: null,
    ...given,
  };
}

function open(found: object | null, path = '/banks/add/return?session=s1') {
  const server = new FakeServer({ LinkSession: () => ({ __typename: 'Query', linkSession: found }) });
  return { server, user: userEvent.setup(), ...renderPage(<ReturnPage />, { server, path }) };
}

describe('ReturnPage', () => {
  it('says so when nobody knows the session', async () => {
    open(null);
    expect(await screen.findByText(/This sign-in is not known any more/)).toBeDefined();
    expect(screen.getByRole('link', { name: 'Try again' }).getAttribute('href')).toBe('/banks/add');
  });

  it('says so when the address names none', async () => {
    open(null, '/banks/add/return');
    expect(await screen.findByText(/This sign-in is not known any more/)).toBeDefined();
  });

  it('offers to go on when the bank’s page was closed half-way, and tells the server once that one is back', async () => {
    const { server } = open(session(URL_STEP));
    expect((await screen.findByRole('link', { name: 'Open the sign-in page' })).getAttribute('href')).toBe(
      'https://bank.test/link/1',
    );
    await waitFor(() =>
      expect(server.variablesOf('AnswerLinkStep')).toEqual([
        { input: { sessionId: 's1', stepId: 'step-1' } },
      ]),
    );
  });

  it('cancels when one gives up', async () => {
    const { server, user } = open(session(URL_STEP));
    await user.click(await screen.findByRole('button', { name: 'Give up' }));
    expect(server.variablesOf('CancelLinkSession')).toEqual([{ input: { sessionId: 's1' } }]);
  });

  it('says in words why it failed', async () => {
    const error = {
      __typename: 'SimpleError',
      code: 'LINK_SESSION_ENDED',
      message: 'The sign-in page expired. Start again.',
      retryable: true,
    };
    open(
      session(
        { __typename: 'EndedStep', message: 'It ended.', canRetry: true },
        { sessionState: 'EXPIRED', error },
      ),
    );
    expect(await screen.findByText('The sign-in page expired. Start again.')).toBeDefined();
  });

  it('goes to the new rows when it is done, without its being asked', async () => {
    const { server, history } = open(
      session({ __typename: 'WaitStep', stepId: 'step-2', message: 'Asking the bank…', pollAfterSeconds: 3 }),
    );
    expect(await screen.findByText('Asking the bank…')).toBeDefined();
    server.push('LinkSessionChanged', {
      __typename: 'Subscription',
      linkSessionChanged: session(DONE_STEP, { sessionState: 'DONE' }),
    });
    await waitFor(() => expect(history.at(-1)).toBe('/banks?linked=k1'));
  });

  it('goes back to the table after a repair', async () => {
    const { history } = open(session(DONE_STEP, { mode: 'REPAIR', sessionState: 'DONE' }));
    await waitFor(() => expect(history.at(-1)).toBe('/banks'));
  });
});

const linked = { __typename: 'BankLink', id: 'k1', name: 'First Platypus Bank', accountCount: 6 };

const duplicate = (given: object = {}) =>
  session(
    {
      __typename: 'ResolveDuplicateStep',
      stepId: 'duplicate',
      choices: ['FIX', 'ADD_ACCOUNTS', 'ANOTHER'],
      logins: [{ __typename: 'DuplicateLogin', shared: 6, covers: true, bankLink: linked, ...given }],
    },
    { sessionState: 'DECIDING' },
  );

const answers = (server: FakeServer) => server.variablesOf('AnswerLinkStep').map(({ input }) => input);

function answering(server: FakeServer, linkSession: object | null, errors: object[] = []) {
  server.answer('AnswerLinkStep', () => ({
    __typename: 'Mutation',
    answerLinkStep: { __typename: 'AnswerLinkStepPayload', linkSession, errors },
  }));
}

describe('a login that is linked already', () => {
  it('is named, and nothing is answered before the person says what it is', async () => {
    const { server } = open(duplicate());
    const login = await screen.findByRole('region', { name: 'First Platypus Bank' });
    expect(login.textContent).toContain(
      'This looks like First Platypus Bank, which you have linked: all its 6 accounts are the same.',
    );
    expect(login.textContent).toContain('takes its place');
    expect(answers(server)).toEqual([]);
  });

  it.each([
    ['Update that login', { choice: 'FIX', bankLinkId: 'k1' }],
    ['Add accounts to it', { choice: 'ADD_ACCOUNTS', bankLinkId: 'k1' }],
    ['It is another login', { choice: 'ANOTHER' }],
  ])('is settled by %s', async (words, answer) => {
    const { server, user, history } = open(duplicate());
    answering(server, session(DONE_STEP, { sessionState: 'DONE' }));
    await user.click(await screen.findByRole('button', { name: words }));
    expect(answers(server)).toEqual([{ sessionId: 's1', stepId: 'duplicate', ...answer }]);
    await waitFor(() => expect(history.at(-1)).toBe('/banks?linked=k1'));
  });

  it('says that one has to sign in once more where not all of it was shared', async () => {
    open(duplicate({ shared: 2, covers: false }));
    const login = await screen.findByRole('region', { name: 'First Platypus Bank' });
    expect(login.textContent).toContain('2 of its 6 accounts are the same.');
    expect(login.textContent).toContain(
      'does not cover all its accounts, so its own sign-in page opens next',
    );
  });

  it('says the server’s reason, and stays', async () => {
    const { server, user } = open(duplicate());
    answering(server, null, [{ __typename: 'SimpleError', code: 'CONFLICT', message: 'It expired.' }]);
    await user.click(await screen.findByRole('button', { name: 'Update that login' }));
    expect((await screen.findByRole('alert')).textContent).toBe('It expired.');
  });
});

describe('accounts that were deleted', () => {
  const step = session(
    {
      __typename: 'ChooseAccountsStep',
      stepId: 'accounts',
      accounts: ['Operating', 'Payroll'].map((name) => ({
        __typename: 'DeletedAccount',
        bankAccountId: name.toLowerCase(),
        name,
        number: '4021',
      })),
    },
    { mode: 'ADD_ACCOUNTS', sessionState: 'DECIDING' },
  );

  it('all come back unless one is left out, and one at least', async () => {
    const { server, user } = open(step);
    const payroll = await screen.findByRole('checkbox', { name: 'Payroll ••4021' });
    expect(screen.getByRole('button', { name: 'Bring back 2 accounts' })).toBeDefined();
    await user.click(screen.getByRole('checkbox', { name: 'Operating ••4021' }));
    await user.click(payroll);
    expect(screen.getByRole('button', { name: 'Choose at least one' })).toHaveProperty('disabled', true);
    await user.click(payroll);
    await user.click(screen.getByRole('button', { name: 'Bring back 1 account' }));
    expect(answers(server)).toEqual([{ sessionId: 's1', stepId: 'accounts', bankAccountIds: ['payroll'] }]);
  });

  it('stay deleted when one says so', async () => {
    const { server, user } = open(step);
    await user.click(await screen.findByRole('button', { name: 'None; leave them deleted' }));
    expect(answers(server)).toEqual([{ sessionId: 's1', stepId: 'accounts', bankAccountIds: [] }]);
  });
});

describe('OpenSessions', () => {
  it('offers to continue or to cancel what one began', async () => {
    const viewer = {
      __typename: 'Viewer',
      rights: [],
      user: null,
      organization: {
        __typename: 'Organization',
        id: 'o1',
        name: 'Brightwater',
        timeZone: 'UTC',
        baseCurrency: 'USD',
      },
      openLinkSessions: [session(URL_STEP), session(DONE_STEP, { id: 's2', sessionState: 'DONE' })],
    };
    const server = new FakeServer({ Viewer: () => ({ __typename: 'Query', changesHead: 'head', viewer }) });
    renderPage(<OpenSessions />, { server, path: '/banks' });
    expect(await screen.findAllByRole('listitem')).toHaveLength(1);
    expect(screen.getByRole('link', { name: 'Continue' }).getAttribute('href')).toBe(
      'https://bank.test/link/1',
    );
    await userEvent.click(screen.getByRole('button', { name: 'Cancel it' }));
    expect(server.variablesOf('CancelLinkSession')).toEqual([{ input: { sessionId: 's1' } }]);
  });
});
