const UNREACHABLE = 'The server cannot be reached. Check that Counterfoil is running, and try again.';

/** Null when signed in, else the sentence to show. */
export type SignInProblem = string | null;

async function post(path: string, body: object): Promise<SignInProblem> {
  const headers = { 'content-type': 'application/json' };
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      credentials: 'same-origin',
    });
    if (response.ok) return null;
    const { message } = (await response.json()) as { message?: string };
    return message ?? UNREACHABLE;
  } catch {
    return UNREACHABLE;
  }
}

export const signIn = (email: string, password: string): Promise<SignInProblem> =>
  post('/auth/sign-in', { email, password });

/** Redeems the one-time link that the server printed. */
export const signInByLink = (token: string): Promise<SignInProblem> => post('/auth/sign-in-link', { token });

/** Where to go after sign-in: a path of this site only, never another site's address. */
export function nextPath(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/banks';
  const target = new URL(next, window.location.origin);
  const own =
    next.startsWith('/') && target.origin === window.location.origin && target.pathname !== '/sign-in';
  return own ? target.pathname + target.search : '/banks';
}
