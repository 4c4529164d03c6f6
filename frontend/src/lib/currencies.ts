/** How many digits the amounts of an ISO 4217 currency have: 2 for "USD", 0 for "JPY", 3 for "KWD". */
export function currencyDigits(currency: string): number {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}
