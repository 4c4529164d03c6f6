import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { connectionOf, makeAccount, makeLink, makeStatus } from '@/testing/factories';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { LinkedAccountsPage } from './linked-accounts-page';

const jdoe = makeLink('jdoe', { accountCount: 2 });
const operating = makeAccount('operating', { name: 'Operating', bankLink: jdoe });
const payroll = makeAccount('payroll', { name: 'Payroll', bankLink: jdoe });
const savings = makeAccount('savings', { name: 'Savings', bankLink: makeLink('asmith') });

async function open(accounts = [operating, payroll, savings]) {
  const server = new FakeServer({
    BankAccounts: () => ({ __typename: 'Query', bankAccounts: connectionOf('BankAccount', accounts) }),
  });
  renderPage(<LinkedAccountsPage />, { server, path: '/banks' });
  await screen.findByRole('rowheader', { name: 'Operating' });
  return { server, user: userEvent.setup() };
}

const box = (name: string) => screen.getByRole('checkbox', { name });
const findBar = () => screen.findByRole('region', { name: 'Selected accounts' });
const bar = () => screen.queryByRole('region', { name: 'Selected accounts' });
const selected = () =>
  screen.getAllByRole('row', { selected: true }).map((row) => within(row).getByRole('rowheader').textContent);
const nameOf = (name: string) => within(screen.getByRole('rowheader', { name })).getByRole('link');

describe('selecting rows', () => {
  it('shows no bar while none is selected', async () => {
    await open();
    expect(bar()).toBeNull();
  });

  it('goes by the pointer, and with Shift to a range', async () => {
    const { user } = await open();
    await user.click(box('Select Operating'));
    expect(selected()).toEqual(['Operating']);
    await user.keyboard('{Shift>}');
    await user.click(box('Select Savings'));
    await user.keyboard('{/Shift}');
    expect(selected()).toEqual(['Operating', 'Payroll', 'Savings']);
  });

  it('goes by Space and x on the row', async () => {
    const { user } = await open();
    nameOf('Operating').focus();
    await user.keyboard(' ');
    await user.keyboard('{ArrowDown}x');
    expect(selected()).toEqual(['Operating', 'Payroll']);
    await user.keyboard('x');
    expect(selected()).toEqual(['Operating']);
  });

  it('goes by Space on the box itself, once', async () => {
    const { user } = await open();
    box('Select Operating').focus();
    await user.keyboard(' ');
    expect(selected()).toEqual(['Operating']);
  });

  it('goes on with Shift and the arrows, and the focus goes along', async () => {
    const { user } = await open();
    nameOf('Operating').focus();
    await user.keyboard('{Shift>}{ArrowDown}{/Shift}');
    expect(selected()).toEqual(['Operating', 'Payroll']);
    expect(document.activeElement?.textContent).toBe('Payroll');
  });

  it('takes all with Ctrl+A or the box above, and none with Esc', async () => {
    const { user } = await open();
    nameOf('Operating').focus();
    await user.keyboard('{Control>}a{/Control}');
    expect(selected()).toHaveLength(3);
    expect(box('Select all accounts shown')).toHaveProperty('checked', true);
    await user.keyboard('{Escape}');
    expect(bar()).toBeNull();
    expect(document.activeElement?.textContent).toBe('Operating');
    await user.click(box('Select all accounts shown'));
    expect(selected()).toHaveLength(3);
  });

  it('ends with Esc in the bar, and the focus goes back to the table', async () => {
    const { user } = await open();
    await user.click(box('Select Payroll'));
    screen.getByRole('button', { name: 'Clear' }).focus();
    await user.keyboard('{Escape}');
    expect(bar()).toBeNull();
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Select Payroll');
  });
});

describe('the bar', () => {
  it('refreshes each login once', async () => {
    const { user, server } = await open();
    for (const name of ['Operating', 'Payroll', 'Savings']) await user.click(box(`Select ${name}`));
    await user.click(screen.getByRole('button', { name: 'Refresh 2 logins (3 accounts)' }));
    await waitFor(() =>
      expect(server.variablesOf('RefreshBankLink')).toEqual([
        { input: { bankLinkId: 'jdoe' } },
        { input: { bankLinkId: 'asmith' } },
      ]),
    );
  });

  it('names the login that needs its person, and opens no page for it', async () => {
    const status = makeStatus({ code: 'NEEDS_SIGN_IN', action: 'FIX', severity: 'ACTION' });
    const { user, server } = await open([{ ...operating, status }, savings]);
    await user.click(box('Select all accounts shown'));
    await user.click(screen.getByRole('button', { name: 'Refresh 1 login (1 account)' }));
    expect((await screen.findByRole('alert')).textContent).toContain(
      'Sign in at the bank first: Chase – jdoe.',
    );
    expect(server.variablesOf('RefreshBankLink')).toEqual([{ input: { bankLinkId: 'asmith' } }]);
    expect(server.variablesOf('StartBankLink')).toEqual([]);
  });

  it('deletes nothing for those who may not', async () => {
    const locked = makeAccount('locked', {
      name: 'Operating',
      viewerCan: [
        { __typename: 'Permission', right: 'BANKS', allowed: false, blockedReason: 'Ask an administrator.' },
      ] as never,
    });
    const { user } = await open([locked]);
    await user.click(box('Select Operating'));
    const button = within(await findBar()).getByRole('button', { name: 'Delete…' });
    expect(button).toHaveProperty('disabled', true);
  });
});
