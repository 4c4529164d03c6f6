import { MantineProvider } from '@mantine/core';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nextPath } from './sign-in';
import { SignInPage } from './sign-in-page';

const refuse = (message: string) => () =>
  Promise.resolve(
    new Response(JSON.stringify({ message }), {
      status: 401,
      headers: { 'content-type': 'application/json' },
    }),
  );

function open(path: string, answer: () => Promise<Response>) {
  window.history.replaceState(null, '', path);
  const fetched = vi.fn<(path: string, request: RequestInit) => Promise<Response>>(answer);
  vi.stubGlobal('fetch', fetched);
  render(
    <MantineProvider env="test">
      <SignInPage />
    </MantineProvider>,
  );
  const bodies = () =>
    fetched.mock.calls.map(([to, { body }]) => [to, JSON.parse(body as string) as unknown]);
  return { user: userEvent.setup(), bodies };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('SignInPage', () => {
  it('says why a password was refused, and lets one try again', async () => {
    const { user, bodies } = open('/sign-in', refuse('That email and password don’t match.'));
    await user.type(screen.getByLabelText('Email'), 'dana@example.com');
    await user.type(screen.getByLabelText('Password'), 'wrong');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect((await screen.findByRole('alert')).textContent).toBe('That email and password don’t match.');
    expect(bodies()).toEqual([['/auth/sign-in', { email: 'dana@example.com', password: 'wrong' }]]);
    expect(screen.getByLabelText('Password')).toHaveProperty('value', 'wrong');
  });

  it('says that the server cannot be reached', async () => {
    const { user } = open('/sign-in', () => Promise.reject(new TypeError('Failed to fetch')));
    await user.type(screen.getByLabelText('Email'), 'dana@example.com');
    await user.type(screen.getByLabelText('Password'), 'good');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    expect((await screen.findByRole('alert')).textContent).toContain('The server cannot be reached.');
  });

  it('redeems a link once, takes its token out of the address, and says when it was used before', async () => {
    const { bodies } = open('/sign-in?token=abc', refuse('This link was used before.'));
    expect(window.location.search).toBe('');
    expect((await screen.findByRole('alert')).textContent).toBe('This link was used before.');
    expect(bodies()).toEqual([['/auth/sign-in-link', { token: 'abc' }]]);
    await waitFor(() => expect(screen.getByRole('button', { name: 'Sign in' })).toBeDefined());
  });
});

describe('nextPath', () => {
  it('leads back to where one was', () => {
    expect(nextPath('?next=%2Fbanks%2Fa1%3Fq%3Duber')).toBe('/banks/a1?q=uber');
    expect(nextPath('')).toBe('/banks');
  });

  it.each([
    '//evil.example',
    'https://evil.example/',
    '/\\evil.example',
    'javascript:alert(1)',
    '/sign-in?next=/banks',
  ])('never leads elsewhere: %s', (next) => {
    expect(nextPath(`?next=${encodeURIComponent(next)}`)).toBe('/banks');
  });

  it('is a path of this site, whatever the address says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string()), (next) => {
        const path = nextPath(`?next=${encodeURIComponent(next)}`);
        expect(new URL(path, window.location.origin).origin).toBe(window.location.origin);
      }),
      { numRuns: 200 },
    );
  });
});
