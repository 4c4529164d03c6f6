import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { FakeServer, renderPage } from '@/testing/fake-server';
import { Navigation } from './navigation';

const open = (path: string, page = <Navigation />) => ({
  user: userEvent.setup(),
  ...renderPage(page, { server: new FakeServer({}), path }),
});

describe('Navigation', () => {
  it('marks where one is, also below it', () => {
    open('/ledger/entries/e1');
    const current = screen.getAllByRole('link').filter((link) => link.hasAttribute('aria-current'));
    expect(current.map((link) => link.textContent)).toEqual(['Ledger']);
  });

  it('does not take the beginning of a word for a place', () => {
    open('/ledgers');
    expect(document.querySelector('[aria-current]')).toBeNull();
  });

  it('goes by two keys', async () => {
    const { user, history } = open('/banks');
    await user.keyboard('gl');
    expect(history.at(-1)).toBe('/ledger');
    await user.keyboard('gr');
    expect(history.at(-1)).toBe('/reconcile');
  });

  it('keeps still while one types, and after any other key', async () => {
    const { user, history } = open(
      '/banks',
      <>
        <Navigation />
        <input aria-label="Words" />
      </>,
    );
    await user.keyboard('xl');
    await user.keyboard('gxl');
    await user.type(screen.getByRole('textbox', { name: 'Words' }), 'gl');
    expect(history).toEqual(['/banks']);
  });
});
