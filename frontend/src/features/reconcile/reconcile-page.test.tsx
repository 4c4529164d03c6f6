import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { connectionOf } from '@/testing/factories';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { AccountChooser } from './account-chooser';
import { makeLine, makeOpenLine } from '@/testing/bank-lines';
import { acme, begin, fee, inHand, inputOf, option, serve, take } from './desk-harness';

describe('the account chooser', () => {
  it('lists what is kept in a ledger account, with how far it is', async () => {
    const { server } = serve([acme]);
    renderPage(<AccountChooser />, { server, path: '/reconcile' });
    const link = await screen.findByRole('link', { name: /Operating ••4021/ });
    expect(link.getAttribute('href')).toBe('/reconcile/a1');
    expect(await within(link).findByText('0 of 1 reconciled')).toBeDefined();
  });

  it('says what to do when there is none', async () => {
    const server = new FakeServer({
      ReconcileAccounts: () => ({ bankAccounts: connectionOf('BankAccount', []) }),
    });
    renderPage(<AccountChooser />, { server, path: '/reconcile' });
    expect(await screen.findByText('Link a ledger account to start.')).toBeDefined();
  });
});

describe('the list', () => {
  it('shows the best suggestion with its reasons, and the first line in hand', async () => {
    begin([acme, fee]);
    const row = await option(/ACME CORP/);
    expect(row.textContent).toContain('+4,200.00');
    expect(row.textContent).toContain('2026-0001');
    expect(row.textContent).toContain('Same amount');
    await waitFor(async () => expect(await inHand()).toContain('ACME CORP'));
  });

  it('counts each tab, and tells of older lines', async () => {
    const { user, history } = begin(
      [acme, makeLine('x', { state: 'EXCLUDED' })],
      '/reconcile/a1?from=2026-11-01&to=2026-11-30',
      { older: 6 },
    );
    expect(await screen.findByRole('button', { name: 'For review 1' })).toBeDefined();
    expect(screen.getByRole('button', { name: 'Excluded 1' })).toBeDefined();
    expect(screen.getByText('6 unreconciled lines before 1 Nov 2026')).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Show' }));
    expect(history.at(-1)).toBe('/reconcile/a1?from=2026-10-12&to=2026-10-31');
  });

  it('keeps the month in the address', async () => {
    const { user, history } = begin([acme], '/reconcile/a1?from=2026-11-01&to=2026-11-30');
    await option(/ACME/);
    await user.selectOptions(screen.getByRole('combobox', { name: 'Month' }), 'all');
    expect(history.at(-1)).toBe('/reconcile/a1');
  });

  it('says why it could not be read', async () => {
    const { server } = begin([]);
    expect(await screen.findByText('Nothing to review.')).toBeDefined();
    expect(server.variablesOf('ReconcileLines')[0]).toMatchObject({ accountId: 'a1', first: 50 });
  });
});

describe('Match', () => {
  it('takes a part of a larger entry and says what stays open', async () => {
    const { user, server } = begin([fee], '/reconcile/a1', { open: [makeOpenLine('0007', '-40.00')] });
    await take(user, /FEE/);
    await user.keyboard('m');
    await user.click(await screen.findByRole('checkbox', { name: /2026-0007/ }));
    const form = screen.getByRole('form', { name: 'Match' });
    expect(form.textContent).toContain('remaining \u221225.00 of the entry stays open');
    await user.click(within(form).getByRole('button', { name: 'Reconcile' }));
    await waitFor(() =>
      expect(inputOf(server, 'MatchTransactions')[0]).toMatchObject({
        journalItems: [{ journalLineId: '0007', amount: '-15.00' }],
      }),
    );
  });
});

describe('a pending line', () => {
  it('can be prepared, not booked, and says why', async () => {
    const pending = makeLine('hold', {
      description: 'HOLD',
      pending: true,
      state: 'PENDING',
      bookable: false,
      blockedReason: 'It is pending at the bank.',
    });
    const { user } = begin([pending]);
    await take(user, /HOLD/);
    expect(screen.getByText(/It is pending at the bank. What you enter here is proposed/)).toBeDefined();
    expect(screen.getByRole('button', { name: 'Keep for later' })).toBeDefined();
    expect(screen.queryByRole('button', { name: 'Reconcile' })).toBeNull();
  });
});

describe('Undo', () => {
  it('is offered in a notice', async () => {
    const { user, server } = begin([acme, fee]);
    await take(user, /ACME/);
    await user.keyboard('{Control>}{Enter}{/Control}');
    const notice = await screen.findByRole('group', { name: 'Reconciled.' });
    await user.click(within(notice).getByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(inputOf(server, 'Undo')[0]).toMatchObject({ actId: 'act-acme' }));
  });
});
