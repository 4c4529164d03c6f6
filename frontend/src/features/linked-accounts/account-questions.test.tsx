import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { makeAccount } from '@/testing/factories';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { AccountQuestions } from './account-questions';

const { viewerCan, institution } = makeAccount('new');

const former = (id: string, name: string) => ({
  __typename: 'FormerAccount',
  id,
  name,
  memo: null,
  number: '4021',
  type: 'BANK',
  currency: 'USD',
  deletedAt: '2026-11-12T12:00:00.000Z',
});

const question = (candidates: object[]) => ({
  __typename: 'AccountQuestion',
  id: 'q1',
  raisedAt: '2026-11-18T12:00:00.000Z',
  bankAccount: {
    __typename: 'BankAccount',
    id: 'new',
    name: 'Checking',
    number: '4021',
    type: 'BANK',
    currency: 'USD',
    institution,
    viewerCan,
  },
  candidates,
});

const found = (nodes: object[]) => ({
  __typename: 'Query',
  accountQuestions: { __typename: 'AccountQuestionConnection', nodes },
});

function open(candidates: object[], errors: object[] = []) {
  let nodes = [question(candidates)];
  const server = new FakeServer({
    AccountQuestions: () => found(nodes),
    AnswerAccountQuestion: () => {
      if (errors.length === 0) nodes = [];
      return {
        __typename: 'Mutation',
        answerAccountQuestion: { __typename: 'AnswerAccountQuestionPayload', bankAccount: null, errors },
      };
    },
  });
  renderPage(<AccountQuestions />, { server, path: '/banks' });
  return { server, user: userEvent.setup() };
}

const answers = (server: FakeServer) => server.variablesOf('AnswerAccountQuestion').map(({ input }) => input);

describe('the questions of recognition', () => {
  it('are not there when nothing is asked', async () => {
    const server = new FakeServer({ AccountQuestions: () => found([]) });
    renderPage(<AccountQuestions />, { server, path: '/banks' });
    await waitFor(() => expect(server.variablesOf('AccountQuestions').length).toBeGreaterThan(0));
    expect(screen.queryByRole('list')).toBeNull();
  });

  it('say what is known of both', async () => {
    open([former('old', 'Operating')]);
    expect(await screen.findByText('Is this Operating ••4021 that you had before?')).toBeDefined();
    expect(screen.getByText('Checking ••4021').closest('p')?.textContent).toContain('of Chase, Bank, USD');
    expect(within(screen.getByRole('list', { name: 'It may be' })).getByText(/deleted/).textContent).toMatch(
      /^Bank, USD, deleted 12 Nov/,
    );
  });

  it('join the two when they are the same, and are gone', async () => {
    const { server, user } = open([former('old', 'Operating')]);
    await user.click(await screen.findByRole('button', { name: 'It is the same as Operating ••4021' }));
    expect(await screen.findByText(/Operating ••4021 is back/)).toBeDefined();
    expect(answers(server)).toEqual([{ questionId: 'q1', sameAs: 'old' }]);
    await waitFor(() => expect(screen.queryByText(/that you had before/)).toBeNull());
  });

  it('leave it an account of its own', async () => {
    const { server, user } = open([former('old', 'Operating'), former('older', 'Reserve')]);
    expect(await screen.findByText('Is Checking ••4021 an account that you had before?')).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'It is another one' }));
    await waitFor(() => expect(answers(server)).toEqual([{ questionId: 'q1', sameAs: null }]));
  });

  it('stay with the server’s reason when it refuses', async () => {
    const message = 'Something is booked on the new account.';
    const { user } = open(
      [former('old', 'Operating')],
      [{ __typename: 'SimpleError', code: 'ACCOUNT_BOOKED', message }],
    );
    await user.click(await screen.findByRole('button', { name: 'It is the same as Operating ••4021' }));
    expect((await screen.findByRole('alert')).textContent).toBe(message);
  });
});
