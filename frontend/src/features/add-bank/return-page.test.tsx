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
