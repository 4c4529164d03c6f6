import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

/* What jsdom leaves out: sizes, which the virtual lists need to know what is in sight, and media queries. */
Object.defineProperties(HTMLElement.prototype, {
  clientHeight: { get: () => 600 },
  clientWidth: { get: () => 1200 },
  scrollTo: { value: () => undefined },
  scrollIntoView: { value: () => undefined },
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

Object.defineProperty(document, 'fonts', { value: new EventTarget() });

/* A failure names what was looked for; the whole page beside it helps nobody. */
configure({
  // a machine that is busy with other tests is slower than a person waits
  asyncUtilTimeout: 5_000,
  getElementError: (message) => new Error(message ?? 'Not found.'),
});

afterEach(() => {
  cleanup();
  window.localStorage.clear();
});
