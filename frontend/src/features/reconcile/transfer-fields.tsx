import { TextInput } from '@mantine/core';
import { currencyDigits } from '@/lib/currencies';
import { AmountField } from './amount-field';
import type { LedgerChoice } from './coding-draft';
import styles from './forms.module.css';
import { LedgerCombobox } from './ledger-combobox';
import type { Line } from './outcome';
import { currenciesWithoutRate, isOut, otherCurrency, type TransferDraft } from './transfer-draft';
import { useDesk } from './use-desk';

export interface TransferTabProps {
  line: Line;
  draft: TransferDraft;
  onDraft: (draft: TransferDraft) => void;
}

/** The other account, where its own bank line is not there or not proposed. */
export function OtherAccount({
  line,
  draft,
  onDraft,
  problemAt,
}: TransferTabProps & { problemAt: (field: string) => string | undefined }) {
  const { bankAccountId, separators } = useDesk();
  const currency = otherCurrency(draft);
  return (
    <div className={styles.codingRow} data-split="true">
      <LedgerCombobox
        label={isOut(line.amount) ? 'To account' : 'From account'}
        chosen={draft.account}
        onChoose={(account) => onDraft({ ...draft, account, other: null })}
        blocked={({ bankAccount }) => (bankAccount?.id === bankAccountId ? 'this account' : null)}
        error={problemAt('ledgerAccountId')}
      />
      {currency !== null && currency !== line.amount.currency && (
        <AmountField
          label={isOut(line.amount) ? `Received, ${currency}` : `Sent, ${currency}`}
          typed={draft.otherTyped}
          onType={(otherTyped) => onDraft({ ...draft, otherTyped })}
          digits={currencyDigits(currency)}
          separators={separators}
          error={problemAt('otherAmount')}
        />
      )}
    </div>
  );
}

export function Fee({
  draft,
  onDraft,
  problemAt,
  digits,
}: Omit<TransferTabProps, 'line'> & { problemAt: (field: string) => string | undefined; digits: number }) {
  const { separators } = useDesk();
  return (
    <div className={styles.codingRow} data-split="true">
      <LedgerCombobox
        label="Fee account"
        chosen={draft.feeAccount}
        onChoose={(feeAccount) => onDraft({ ...draft, feeAccount })}
        error={problemAt('fees.0.ledgerAccountId')}
      />
      <AmountField
        label="Fee on the way"
        typed={draft.feeTyped}
        onType={(feeTyped) => onDraft({ ...draft, feeTyped })}
        digits={digits}
        separators={separators}
        placeholder="None"
        error={problemAt('fees.0.amount')}
      />
    </div>
  );
}

/** Where neither side is in base, each has its own rate. */
export function Rates({
  line,
  draft,
  onDraft,
  problemAt,
}: TransferTabProps & { problemAt: (field: string) => string | undefined }) {
  const { baseCurrency } = useDesk();
  return currenciesWithoutRate(line.remainder, otherCurrency(draft), baseCurrency).map((currency) => (
    <TextInput
      key={currency}
      label={`Rate: ${baseCurrency} for 1 ${currency}`}
      inputMode="decimal"
      maw={220}
      value={draft.rates[currency] ?? ''}
      error={problemAt(`rates.${currency}`)}
      onChange={({ currentTarget: { value } }) =>
        onDraft({ ...draft, rates: { ...draft.rates, [currency]: value } })
      }
    />
  ));
}

/** Where neither side is in base, something takes what the two rates leave. */
export function ExchangeAccount({
  chosen,
  draft,
  onDraft,
  problemAt,
}: Omit<TransferTabProps, 'line'> & {
  chosen: LedgerChoice | null;
  problemAt: (field: string) => string | undefined;
}) {
  return (
    <LedgerCombobox
      label="Exchange gain or loss to"
      chosen={chosen}
      onChoose={(exchangeAccount) => onDraft({ ...draft, exchangeAccount })}
      blocked={({ bankAccount }) => (bankAccount ? 'an account of a bank' : null)}
      error={problemAt('exchangeAccountId')}
    />
  );
}
