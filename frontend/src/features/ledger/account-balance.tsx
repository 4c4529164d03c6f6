import { BalanceWords } from './balance-words';
import type { ChartAccount } from './chart-words';

/** The balance in the account's own currency, else in base. */
export function AccountBalance({ account: { balance, currency } }: { account: ChartAccount }) {
  const own = balance.amounts.find((amount) => amount.currency === currency);
  return <BalanceWords money={own ?? balance.base} base={balance.base.currency} />;
}
