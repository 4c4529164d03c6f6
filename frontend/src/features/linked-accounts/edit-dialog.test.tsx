import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { makeAccount } from '@/testing/factories';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { EditDialog } from './edit-dialog';

const account = makeAccount('a1', {
  name: 'Operating',
  bankName: 'CHASE OP 4021',
  memo: 'main',
  revision: 3,
});

const renamed = (bankAccount: object | null, errors: object[] = []) => ({
  __typename: 'Mutation',
  updateBankAccount: { __typename: 'UpdateBankAccountPayload', bankAccount, errors },
});

function edit(answer: (variables: Record<string, unknown>) => unknown) {
  const server = new FakeServer({ UpdateBankAccount: answer });
  const onClose = vi.fn();
  renderPage(<EditDialog account={account} onClose={onClose} />, { server, path: '/banks' });
  return { server, onClose, user: userEvent.setup() };
}

const nameField = () => screen.getByRole('textbox', { name: 'Name' });
const inputsOf = (server: FakeServer) => server.variablesOf('UpdateBankAccount').map(({ input }) => input);

describe('EditDialog', () => {
  it('comes back with the reason beside the field when the server refuses, and what was typed', async () => {
    const refusal = {
      __typename: 'SimpleError',
      code: 'INVALID_INPUT',
      message: 'Give the account a name.',
      field: ['name'],
    };
    const { user, onClose } = edit(() => renamed(null, [refusal]));
    await user.clear(nameField());
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('Give the account a name.')).toBeDefined();
    expect(nameField()).toHaveProperty('value', '');
    expect(onClose).not.toHaveBeenCalled();
  });

  it('saves name and memo, based on the revision that it showed', async () => {
    const { user, server, onClose } = edit(({ input }) =>
      renamed({
        __typename: 'BankAccount',
        id: 'a1',
        bankName: 'CHASE OP 4021',
        revision: 4,
        ...(input as object),
      }),
    );
    await user.clear(nameField());
    await user.type(nameField(), 'Ops ');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(onClose).toHaveBeenCalledTimes(1));
    expect(inputsOf(server)).toEqual([
      { bankAccountId: 'a1', name: 'Ops', memo: 'main', expectedRevision: 3 },
    ]);
  });

  it('gives back the bank’s own name', async () => {
    const { user } = edit(() => renamed(null));
    await user.click(screen.getByRole('button', { name: 'Use this' }));
    expect(nameField()).toHaveProperty('value', 'CHASE OP 4021');
  });

  it('shows what somebody else wrote meanwhile, and writes over it only when told to', async () => {
    const current = {
      __typename: 'BankAccount',
      id: 'a1',
      name: 'Theirs',
      memo: null,
      bankName: 'CHASE OP 4021',
      revision: 9,
    };
    const conflict = {
      __typename: 'ConflictError',
      code: 'CONFLICT',
      message: 'Changed.',
      field: null,
      current,
    };
    const { user, server, onClose } = edit(({ input }) =>
      (input as { expectedRevision: number }).expectedRevision === 9
        ? renamed({ ...current, name: 'Operating', revision: 10 })
        : renamed(null, [conflict]),
    );
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect((await screen.findByRole('alert')).textContent).toContain('it is now called “Theirs”');
    await user.click(screen.getByRole('button', { name: 'Keep mine' }));
    await waitFor(() => expect(onClose).toHaveBeenCalledTimes(1));
    expect(inputsOf(server)[1]).toMatchObject({ name: 'Operating', expectedRevision: 9 });
  });
});
