import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { connectionOf, makeAccount, makeLink } from '@/testing/factories';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { DeletionsPage } from './deletions-page';
import { LinkedAccountsPage } from './linked-accounts-page';

const jdoe = makeLink('jdoe', { accountCount: 2 });
const operating = makeAccount('operating', { name: 'Operating', bankLink: jdoe });
const payroll = makeAccount('payroll', { name: 'Payroll', number: '7730', bankLink: jdoe });

const march = {
  __typename: 'ErasedMonth',
  month: '2026-03',
  lineCount: 24,
  sum: { __typename: 'Money', amount: '-512.10', currency: 'USD' },
};

const erasure = ({ id, name, number }: typeof payroll, erasedCount: number, keptCount = 1180) => ({
  __typename: 'AccountErasure',
  erasedCount,
  keptCount,
  months: [march],
  bankAccount: { __typename: 'BankAccount', id, name, number },
});

const preview = (given: object = {}) => ({
  __typename: 'DeletionPreview',
  token: 'token-1',
  aggregatorKeeps: true,
  accounts: [erasure(payroll, 24)],
  endedLinks: [],
  siblings: [{ __typename: 'BankAccount', id: 'operating', name: 'Operating', number: '4021' }],
  ...given,
});

const receipt = (accounts = [payroll], linkNames: string[] = []) => ({
  __typename: 'Deletion',
  id: 'd1',
  deletedAt: '2026-11-18T12:00:00.000Z',
  actor: { __typename: 'Actor', kind: 'USER', name: 'Ada Abbott' },
  accounts: accounts.map(({ id, name, number }) => ({
    __typename: 'AccountReceipt',
    bankAccountId: id,
    name,
    number,
    erasedCount: 24,
    keptCount: 1180,
    months: [march],
  })),
  linkNames,
});

const answered = (
  name: 'deleteBankAccounts' | 'deleteBankLink',
  deletion: object | null,
  errors: object[] = [],
) => ({
  __typename: 'Mutation',
  [name]: {
    __typename: `${name === 'deleteBankLink' ? 'DeleteBankLink' : 'DeleteBankAccounts'}Payload`,
    deletion,
    errors,
  },
});

async function open(given: object = {}) {
  let rows = [operating, payroll];
  const server = new FakeServer({
    BankAccounts: () => ({ __typename: 'Query', bankAccounts: connectionOf('BankAccount', rows) }),
    DeletionPreview: () => ({ __typename: 'Query', deletionPreview: preview(given) }),
    DeleteBankAccounts: () => {
      rows = [operating];
      return answered('deleteBankAccounts', receipt());
    },
    DeleteBankLink: () => {
      rows = [];
      return answered('deleteBankLink', receipt([operating, payroll], ['Chase – jdoe']));
    },
  });
  renderPage(<LinkedAccountsPage />, { server, path: '/banks' });
  const user = userEvent.setup();
  await user.click(await screen.findByRole('button', { name: 'Delete Payroll' }));
  return { server, user };
}

const dialog = (name: string) => screen.findByRole('alertdialog', { name });
const button = (name: string) => screen.getByRole('button', { name });
const inputsOf = (server: FakeServer, name: string) =>
  server.variablesOf(name).map(({ input }) => input as Record<string, unknown>);

describe('deleting an account', () => {
  it('waits for the counts, with the focus on the button that changes nothing', async () => {
    const { server, user } = await open();
    server.answer('DeletionPreview', () => new Promise(() => undefined));
    await dialog('Delete “Payroll ••7730”?');
    await waitFor(() => expect(document.activeElement).toBe(button('Keep')));
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(inputsOf(server, 'DeleteBankAccounts')).toEqual([]);
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Delete Payroll');
  });

  it('can’t be done before the counts are there', async () => {
    const server = new FakeServer({
      BankAccounts: () => ({ __typename: 'Query', bankAccounts: connectionOf('BankAccount', [payroll]) }),
    });
    renderPage(<LinkedAccountsPage />, { server, path: '/banks' });
    await userEvent.click(await screen.findByRole('button', { name: 'Delete Payroll' }));
    await dialog('Delete “Payroll ••7730”?');
    expect(screen.getByText('Counting what it would erase…')).toBeDefined();
    expect(button('Delete account')).toHaveProperty('disabled', true);
  });

  it('says with live counts what goes and what stays, and offers the file first', async () => {
    const { server } = await open();
    const asked = await dialog('Delete “Payroll ••7730”?');
    await within(asked).findByText('Erases 24 bank transactions that are not reconciled.');
    expect(within(asked).getByText(/^1,180 reconciled or partly matched lines stay/)).toBeDefined();
    expect(within(asked).getByText(/^The bank aggregator keeps what it has/)).toBeDefined();
    expect(screen.getByRole('link', { name: 'Download CSV first' }).getAttribute('href')).toBe(
      '/export/bank-transactions.csv?account=payroll',
    );
    expect(server.variablesOf('DeletionPreview').at(-1)).toEqual({ bankAccountIds: ['payroll'] });
  });

  it('does what was shown, gives the receipt, and the row is gone', async () => {
    const { server, user } = await open();
    await screen.findByText(/^Erases 24/);
    await user.click(button('Delete account'));
    const shown = await dialog('Receipt');
    expect(shown.textContent).toContain('Deleted Payroll ••7730.');
    expect(shown.textContent).toContain('24 lines erased, 1,180 kept.');
    const table = within(shown).getByRole('table', { hidden: true });
    expect(table.textContent).toContain('Mar 2026');
    expect(table.textContent).toContain('−512.10 USD');
    expect(inputsOf(server, 'DeleteBankAccounts')).toEqual([
      {
        bankAccountIds: ['payroll'],
        token: 'token-1',
        idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      },
    ]);
    await user.click(button('Done'));
    await waitFor(() => expect(screen.queryByRole('rowheader', { name: 'Payroll' })).toBeNull());
  });

  it('shows the new counts and asks again when something changed meanwhile', async () => {
    const { server, user } = await open();
    const newer = preview({ token: 'token-2', accounts: [erasure(payroll, 25)] });
    const outdated = {
      __typename: 'DeletionOutdatedError',
      code: 'PREVIEW_OUTDATED',
      message: 'Something changed.',
      preview: newer,
    };
    server.answer('DeleteBankAccounts', ({ input }) =>
      (input as { token: string }).token === 'token-2'
        ? answered('deleteBankAccounts', receipt())
        : answered('deleteBankAccounts', null, [outdated]),
    );
    await screen.findByText(/^Erases 24/);
    await user.click(button('Delete account'));
    expect((await screen.findByRole('alert')).textContent).toContain('nothing was deleted');
    expect(screen.getByText('Erases 25 bank transactions that are not reconciled.')).toBeDefined();
    await user.click(button('Delete account'));
    await dialog('Receipt');
    expect(inputsOf(server, 'DeleteBankAccounts').map(({ token }) => token)).toEqual(['token-1', 'token-2']);
  });

  it('says that it is the last one of its login', async () => {
    await open({
      aggregatorKeeps: false,
      siblings: [],
      endedLinks: [{ __typename: 'BankLink', id: 'jdoe', name: 'Chase – jdoe' }],
    });
    expect(await screen.findByText(/^This is the last account of Chase – jdoe/)).toBeDefined();
  });

  it('says so when somebody was faster', async () => {
    const { server, user } = await open();
    await screen.findByText(/^Erases 24/);
    await user.click(button('Keep'));
    server.answer('DeletionPreview', () => ({ __typename: 'Query', deletionPreview: null }));
    await user.click(button('Delete Payroll'));
    expect(await screen.findByText(/It is not here any more/)).toBeDefined();
    expect(button('Delete account')).toHaveProperty('disabled', true);
  });
});

describe('deleting several accounts', () => {
  it('lists each with its counts', async () => {
    const { user, server } = await open({ accounts: [erasure(operating, 3, 0), erasure(payroll, 24)] });
    await screen.findByText(/^Erases 27/);
    await user.click(button('Keep'));
    await user.click(screen.getByRole('checkbox', { name: 'Select all accounts shown' }));
    await user.click(button('Delete…'));
    await dialog('Delete 2 accounts?');
    const list = await screen.findByRole('list', { name: 'Accounts to be deleted' });
    expect(list.textContent).toContain('Operating ••4021 3 to be erased, 0 to stay.');
    await user.click(button('Delete 2 accounts'));
    await waitFor(() =>
      expect(inputsOf(server, 'DeleteBankAccounts')[0]).toMatchObject({
        bankAccountIds: ['operating', 'payroll'],
      }),
    );
  });
});

describe('deleting a login', () => {
  const both = { accounts: [erasure(operating, 3, 0), erasure(payroll, 24)], siblings: [] };

  it('is reached from the dialog of one account, and takes its name typed', async () => {
    const { user, server } = await open(both);
    await user.click(await screen.findByRole('button', { name: 'Delete Chase – jdoe with 2 accounts' }));
    await dialog('Delete the login “Chase – jdoe”?');
    const name = await screen.findByLabelText('Type its name: Chase – jdoe');
    const run = button('Delete login and 2 accounts');
    expect(run).toHaveProperty('disabled', true);
    await user.type(name, 'Chase');
    expect(run).toHaveProperty('disabled', true);
    await user.type(name, ' – jdoe');
    await user.click(run);
    const shown = await dialog('Receipt');
    expect(shown.textContent).toContain('The sign-in Chase – jdoe is removed too');
    expect(inputsOf(server, 'DeleteBankLink')[0]).toMatchObject({ bankLinkId: 'jdoe', token: 'token-1' });
    expect(server.variablesOf('DeletionPreview').at(-1)).toEqual({ bankLinkId: 'jdoe' });
    await user.click(button('Done'));
    expect(await screen.findByText('No banks linked yet.')).toBeDefined();
  });
});

describe('the receipts', () => {
  it('say that nothing has been deleted', async () => {
    const server = new FakeServer({
      Deletions: () => ({ __typename: 'Query', deletions: connectionOf('Deletion', []) }),
    });
    renderPage(<DeletionsPage />, { server, path: '/banks/deletions' });
    expect(await screen.findByText('Nothing has been deleted yet.')).toBeDefined();
  });

  it('tell who deleted what, and when', async () => {
    const server = new FakeServer({
      Deletions: () => ({ __typename: 'Query', deletions: connectionOf('Deletion', [receipt()]) }),
    });
    renderPage(<DeletionsPage />, { server, path: '/banks/deletions' });
    const article = await screen.findByRole('article', { name: 'Deleted Payroll ••7730' });
    expect(article.textContent).toContain('Ada Abbott');
    expect(article.textContent).toContain('24 lines erased, 1,180 kept.');
  });
});
