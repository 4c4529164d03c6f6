/** What had the focus is gone: to the one tab stop of the table, or to the page itself. */
export function focusList(): void {
  const stop = document.querySelector<HTMLElement>('[role="grid"] [tabindex="0"]');
  (stop ?? document.getElementById('main'))?.focus();
}
