import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

/*
 * What jsdom leaves out: sizes, which the virtual lists need to know what is in sight, and media queries.
 * Several files share one window, so all of it can be defined again.
 */
Object.defineProperties(HTMLElement.prototype, {
  clientHeight: { configurable: true, get: () => 600 },
  clientWidth: { configurable: true, get: () => 1200 },
  scrollTo: { configurable: true, value: () => undefined },
  scrollIntoView: { configurable: true, value: () => undefined },
});
class NoResizeObserver implements ResizeObserver {
  observe = () => undefined;
  unobserve = () => undefined;
  disconnect = () => undefined;
}
globalThis.ResizeObserver = NoResizeObserver;
window.matchMedia = (query) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList;

Object.defineProperty(document, 'fonts', { configurable: true, value: new EventTarget() });

/* A failure names what was looked for; the whole page beside it helps nobody. */
configure({
  // a machine that is busy with other tests is slower than a person waits
  asyncUtilTimeout: 15_000,
  getElementError: (message) => new Error(message ?? 'Not found.'),
});

afterEach(() => {
  cleanup();
  window.localStorage.clear();
});
