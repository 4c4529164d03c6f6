import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { makeLine, money } from '@/testing/bank-lines';
import { connectionOf } from '@/testing/factories';
import { begin, inputOf, take } from './desk-harness';

const pounds = makeLine('gbp', { description: 'TO EURO ACCOUNT', amount: money('-100.00', 'GBP') });
const account = (id: string, number: string, name: string, type: string, currency: string | null) => ({
  ...{ __typename: 'LedgerAccount', id, number, name, type, currency, bankAccount: null },
});
const euros = account('l5', '1035', 'Euro Account', 'ASSET', 'EUR');
const exchange = account('l7', '7000', 'Foreign Exchange Gain or Loss', 'EXPENSE', null);

describe('a transfer between two foreign currencies', () => {
  it('takes both rates and an account for what they leave', async () => {
    const { user, server } = begin([pounds]);
    server.answer('CodingAccounts', ({ search }) => ({
      ledgerAccounts: connectionOf('LedgerAccount', search === 'exchange' ? [exchange] : [euros]),
    }));
    await take(user, /EURO ACCOUNT/);
    await user.keyboard('t');
    await user.click(await screen.findByRole('combobox', { name: 'To account' }));
    await user.click(await screen.findByRole('option', { name: /Euro Account/ }));
    await user.type(screen.getByRole('textbox', { name: 'Received, EUR' }), '115');
    const gains = await screen.findByRole('combobox', { name: 'Exchange gain or loss to' });
    await waitFor(() => expect(gains).toHaveProperty('value', '7000 Foreign Exchange Gain or Loss'));
    expect(screen.getByRole('textbox', { name: 'Rate: USD for 1 EUR' })).toHaveProperty('value', '1.0845');
    await user.type(screen.getByRole('textbox', { name: 'Rate: USD for 1 GBP' }), '1.2512');
    await user.click(screen.getByRole('button', { name: 'Reconcile' }));
    await waitFor(() =>
      expect(inputOf(server, 'TransferTransaction')[0]).toMatchObject({
        ledgerAccountId: 'l5',
        otherAmount: '115.00',
        exchangeAccountId: 'l7',
        rates: [
          { currency: 'GBP', rate: '1.2512' },
          { currency: 'EUR', rate: '1.0845' },
        ],
      }),
    );
  });
});
