import { OpenSessions } from '@/features/add-bank/open-sessions';
import { LinkedAccountsPage } from '@/features/linked-accounts/linked-accounts-page';

/** The table of linked accounts, below what one began and did not finish. */
export function BanksPage() {
  return <LinkedAccountsPage above={<OpenSessions limit={1} />} />;
}
