import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { connectionOf, makeAccount, makeLink, makeStatus } from '@/testing/factories';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { LinkedAccountsPage } from './linked-accounts-page';

const TWELVE = [
  'ID',
  'Name',
  'Number',
  'Account ID',
  'Type',
  'Provider',
  'Provider ID',
  'Status',
  'Next Update',
  'Last Update',
  'Current Balance',
  'Ledger Account',
];
const HIDDEN_AT_FIRST = ['ID', 'Account ID', 'Provider ID'];

const jdoe = makeLink('jdoe', { accountCount: 2 });
const operating = makeAccount('operating', { name: 'Operating', bankLink: jdoe });
const payroll = makeAccount('payroll', { name: 'Payroll', bankLink: jdoe });
const savings = makeAccount('savings', { name: 'Savings', bankLink: makeLink('asmith') });

function open(accounts = [operating, payroll, savings], path = '/banks') {
  const server = new FakeServer({
    BankAccounts: () => ({ __typename: 'Query', bankAccounts: connectionOf('BankAccount', accounts) }),
  });
  return { server, user: userEvent.setup(), ...renderPage(<LinkedAccountsPage />, { server, path }) };
}

const headings = () =>
  screen
    .getAllByRole('columnheader')
    .map(({ textContent }) => textContent)
    .filter(Boolean);
const rowOf = async (name: string) => {
  const cell = await screen.findByRole('rowheader', { name });
  const row = cell.closest<HTMLElement>('[role="row"]');
  if (!row) throw new Error(`${name} stands in no row.`);
  return row;
};
const control = async (row: string, name: RegExp) => within(await rowOf(row)).getByRole('button', { name });

describe('the columns', () => {
  it('are the nine that nobody chose, in their order', async () => {
    open();
    await rowOf('Operating');
    expect(headings()).toEqual([...TWELVE.filter((name) => !HIDDEN_AT_FIRST.includes(name)), 'Actions']);
  });

  it('are all twelve when chosen, and stay so in this browser', async () => {
    const { user, unmount } = open();
    await user.click(screen.getByRole('button', { name: 'Columns' }));
    for (const name of HIDDEN_AT_FIRST) await user.click(screen.getByRole('checkbox', { name }));
    expect(headings()).toEqual([...TWELVE, 'Actions']);
    unmount();
    open();
    await rowOf('Operating');
    expect(headings()).toEqual([...TWELVE, 'Actions']);
  });

  it('sort by the server, and say so in the address', async () => {
    const { user, server, history } = open();
    await rowOf('Operating');
    await user.click(screen.getByRole('button', { name: 'Status' }));
    await waitFor(() => expect(history.at(-1)).toBe('/banks?sort=status'));
    expect(server.variablesOf('BankAccounts').at(-1)).toMatchObject({
      orderBy: [{ field: 'STATUS', direction: 'ASC' }],
    });
  });
});

describe('Refresh', () => {
  it('is not there for those who may not, and says why', async () => {
    const { user, server } = open([
      makeAccount('a', { name: 'Locked', bankLink: makeLink('x', { allowed: false }) }),
    ]);
    const button = await control('Locked', /^Refresh/);
    expect(button.getAttribute('aria-disabled')).toBe('true');
    await user.click(button);
    expect(await screen.findByText('Needs the administrator role.')).toBeDefined();
    expect(server.variablesOf('RefreshBankLink')).toEqual([]);
  });

  it('names the login and its accounts, and highlights the rows of that login on focus', async () => {
    open();
    const button = await control('Operating', /^Refresh/);
    expect(button.getAttribute('aria-label')).toBe('Refresh Chase – jdoe, 2 accounts');
    button.focus();
    await waitFor(async () => expect((await rowOf('Payroll')).className).toContain('highlighted'));
    expect((await rowOf('Operating')).className).toContain('highlighted');
    expect((await rowOf('Savings')).className).not.toContain('highlighted');
  });

  it('highlights them under the pointer, and no longer when it has left', async () => {
    const { user } = open();
    const button = await control('Operating', /^Refresh/);
    await user.hover(button);
    await waitFor(async () => expect((await rowOf('Payroll')).className).toContain('highlighted'));
    await user.unhover(button);
    await waitFor(async () => expect((await rowOf('Payroll')).className).not.toContain('highlighted'));
  });

  it('asks the server to pull a login that is well', async () => {
    const { user, server } = open();
    await user.click(await control('Operating', /^Refresh/));
    await waitFor(() =>
      expect(server.variablesOf('RefreshBankLink')).toEqual([{ input: { bankLinkId: 'jdoe' } }]),
    );
  });

  it('opens the bank’s page for a login that only a person can heal, and says why it could not', async () => {
    const status = makeStatus({
      code: 'NEEDS_SIGN_IN',
      action: 'FIX',
      actionLabel: 'Fix',
      severity: 'ACTION',
      label: 'Sign-in Needed',
    });
    const { user, server } = open([{ ...operating, status }]);
    server.answer('StartBankLink', () => ({
      __typename: 'Mutation',
      startBankLink: {
        __typename: 'StartBankLinkPayload',
        linkSession: null,
        errors: [
          {
            __typename: 'SimpleError',
            code: 'AGGREGATOR_UNAVAILABLE',
            message: 'The aggregator does not answer.',
          },
        ],
      },
    }));
    await user.click(await control('Operating', /^Refresh/));
    expect((await screen.findByRole('alert')).textContent).toContain('The aggregator does not answer.');
    expect(server.variablesOf('StartBankLink')[0]).toMatchObject({
      input: { mode: 'REPAIR', bankLinkId: 'jdoe', client: 'WEB' },
    });
    expect(server.variablesOf('RefreshBankLink')).toEqual([]);
  });
});

describe('the status', () => {
  const status = makeStatus({
    code: 'NEEDS_SIGN_IN',
    severity: 'ACTION',
    label: 'Sign-in Needed',
    detail: 'The bank refused the saved sign-in.',
    providerCode: 'ITEM_LOGIN_REQUIRED',
    providerMessage: '<b>the login details have changed</b>',
    requestId: 'Hb7kQm',
    action: 'FIX',
    actionLabel: 'Fix',
  });

  it('is spelled out when pressed: detail, code, the bank’s own words as text, and the one thing to do', async () => {
    const { user } = open([{ ...operating, status }]);
    await user.click(await control('Operating', /Sign-in Needed/));
    const detail = await screen.findByRole('dialog', { name: 'Status of Operating' });
    for (const words of [
      'The bank refused the saved sign-in.',
      'ITEM_LOGIN_REQUIRED',
      '<b>the login details have changed</b>',
      'Hb7kQm',
    ])
      expect(detail.textContent).toContain(words);
    expect(within(detail).getByRole('button', { name: 'Fix' })).toBeDefined();
    expect(within(detail).getByRole('button', { name: 'Copy details' })).toBeDefined();
  });

  it('closes on Esc and gives the focus back', async () => {
    const { user } = open([{ ...operating, status }]);
    const button = await control('Operating', /Sign-in Needed/);
    await user.click(button);
    await screen.findByRole('dialog', { name: 'Status of Operating' });
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(document.activeElement).toBe(button);
  });

  it('shows what a refresh is doing, with its count', async () => {
    const refresh = {
      __typename: 'Refresh',
      id: 'r1',
      trigger: 'PERSON',
      state: 'RUNNING',
      phase: 'TRANSACTIONS',
      accounts: 3,
      balances: 3,
      lines: 1240,
      added: 0,
      modified: 0,
      removed: 0,
      status: null,
      providerCode: null,
      providerMessage: null,
      requestId: null,
      message: null,
      queuedAt: '2026-11-18T12:00:00.000Z',
      startedAt: null,
      finishedAt: null,
      revision: 1,
    } as const;
    open([{ ...operating, status: makeStatus({ activity: 'RUNNING', refresh }) }]);
    expect(within(await rowOf('Operating')).getByText('Transactions · 1,240')).toBeDefined();
  });
});

describe('the keyboard', () => {
  it('has one tab stop in the table, and moves with the arrows', async () => {
    const { user } = open();
    const first = within(await rowOf('Operating')).getByRole('link');
    expect(document.querySelectorAll('[role="grid"] [tabindex="0"]')).toHaveLength(1);
    first.focus();
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement?.textContent).toBe('Payroll');
    await user.keyboard('{ArrowRight}');
    expect(document.activeElement?.textContent).toBe('••4021');
    await user.keyboard('{End}');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Delete Payroll');
    await user.keyboard('{Control>}{End}{/Control}');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Delete Savings');
    await user.keyboard('{Control>}{Home}{/Control}{Home}{ArrowUp}');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Select all accounts shown');
    expect(document.querySelectorAll('[role="grid"] [tabindex="0"]')).toHaveLength(1);
  });

  it('leaves to the search with Esc, and comes to it with the slash', async () => {
    const { user } = open();
    within(await rowOf('Operating'))
      .getByRole('link')
      .focus();
    await user.keyboard('{Escape}');
    expect(document.activeElement).toBe(screen.getByRole('searchbox', { name: 'Search accounts' }));
  });

  it.each([
    ['{F2}', 'Edit name and memo'],
    ['e', 'Edit name and memo'],
    ['l', 'Ledger account of Operating'],
    ['s', 'Status of Operating'],
    ['?', 'Keyboard'],
  ])('opens with %s: %s', async (key, title) => {
    const { user } = open();
    within(await rowOf('Operating'))
      .getByRole('link')
      .focus();
    await user.keyboard(key);
    expect(await screen.findByRole('dialog', { name: title })).toBeDefined();
  });

  it('opens the account with Enter', async () => {
    const { user, history } = open();
    within(await rowOf('Operating'))
      .getByRole('link')
      .focus();
    await user.keyboard('{ArrowRight}{Enter}');
    expect(history.at(-1)).toBe('/banks/operating');
  });
});

describe('nothing to show', () => {
  it('says that no bank is linked, and how to link one', async () => {
    open([]);
    expect(await screen.findByText('No banks linked yet.')).toBeDefined();
    expect(screen.getAllByRole('link', { name: 'Add Bank/CC' })[0]?.getAttribute('href')).toBe('/banks/add');
  });

  it('says that the filters leave nothing, and clears them', async () => {
    const { user, history } = open([], '/banks?q=zzz');
    await screen.findByText('No accounts match these filters.');
    const [clear] = screen.getAllByRole('button', { name: 'Clear filters' });
    await user.click(clear ?? document.body);
    expect(history.at(-1)).toBe('/banks');
  });
});
