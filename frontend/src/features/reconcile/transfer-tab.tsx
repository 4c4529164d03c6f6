import { useState } from 'react';
import { useQuery } from 'urql';
import { CodingAccountsDocument } from '@/graphql/generated/operations';
import { digitsOf, formatDecimal, formatSigned, isZero } from '@/lib/money';
import { ActForm } from './act-form';
import { readRate } from './coding-draft';
import { DuplicateQuestion } from './duplicate-question';
import styles from './forms.module.css';
import { reasonWords } from './line-words';
import { refusedAt, type Line, type OpenLine, type Suggestion } from './outcome';
import { Proposal } from './proposal';
import {
  currenciesWithoutRate,
  daysApart,
  exchangeAccountOf,
  feeOf,
  otherAmount,
  otherCurrency,
  rateWords,
  transferProblems,
  unexplained,
  type TransferDraft,
} from './transfer-draft';
import { ExchangeAccount, Fee, OtherAccount, Rates, type TransferTabProps } from './transfer-fields';
import { useDesk } from './use-desk';
import { useSending } from './use-sending';

/** "Both sides: Operating −500.00 / Payroll +500.00, 1 day apart". */
function bothSides(line: Line, { otherTransaction: other }: Suggestion, accountName: string): string {
  if (!other) return 'The other side is gone.';
  const days = daysApart(line.datedOn, other.datedOn);
  const apart = days === 0 ? 'same day' : `${days} ${days === 1 ? 'day' : 'days'} apart`;
  const far = `${other.bankAccount?.name ?? 'Another account'} ${formatSigned(other.amount.amount)}`;
  const currency = other.amount.currency === line.amount.currency ? '' : ` ${other.amount.currency}`;
  return `Both sides: ${accountName} ${formatSigned(line.amount.amount)} / ${far}${currency}, ${apart}`;
}

const FIELDS = /^(fees|rates|otherAmount|ledgerAccountId|exchangeAccountId)/;

/** What takes the gain or loss between two foreign currencies: chosen, or proposed by its name. */
function useExchangeAccount({ exchangeAccount }: TransferDraft, needed: boolean) {
  const [{ data }] = useQuery({
    query: CodingAccountsDocument,
    variables: { search: 'exchange', first: 20 },
    pause: !needed || exchangeAccount !== undefined,
  });
  if (!needed) return null;
  return exchangeAccount === undefined
    ? exchangeAccountOf(data?.ledgerAccounts.nodes ?? [])
    : exchangeAccount;
}

function useTransfer({ line, draft }: TransferTabProps) {
  const { acts, separators, baseCurrency } = useDesk();
  const sending = useSending();
  const apart = currenciesWithoutRate(line.remainder, otherCurrency(draft), baseCurrency);
  const exchange = useExchangeAccount(draft, apart.length > 1);
  const [tried, setTried] = useState(false);
  const amount = line.remainder;
  const digits = digitsOf(amount.amount);
  const problems = transferProblems(draft, amount, { separators, base: baseCurrency, digits });
  const fee = feeOf(draft, digits, separators);
  const target = { bankTransactionId: line.id, expectedRevision: line.revision };
  const send = (duplicateReason: string | null) => {
    const other = otherAmount(draft, amount, separators);
    const fees =
      fee && !isZero(fee) && draft.feeAccount
        ? [{ ledgerAccountId: draft.feeAccount.id, amount: fee, memo: null }]
        : [];
    const rates = apart.map((currency) => ({
      currency,
      rate: readRate(draft.rates[currency] ?? '') ?? '',
      rateOn: line.postedOn ?? line.datedOn,
    }));
    const side = draft.other
      ? { otherTransactionId: draft.other.id, otherExpectedRevision: draft.other.revision }
      : { ledgerAccountId: draft.account?.id ?? null, otherAmount: other?.amount ?? null };
    void sending.send(
      () =>
        acts.transfer({
          ...target,
          ...side,
          fees,
          rates,
          exchangeAccountId: exchange?.id ?? null,
          duplicateReason,
        }),
      'Transfer reconciled.',
    );
  };
  const attempt = (duplicateReason: string | null) => {
    setTried(true);
    if (Object.keys(problems).length === 0) send(duplicateReason);
  };
  const match = ({ id }: OpenLine) => {
    const items = {
      bankItems: [{ ...target, amount: null }],
      journalItems: [{ journalLineId: id, amount: null }],
    };
    void sending.send(() => acts.match(items), 'Reconciled.');
  };
  const problemAt = (field: string) =>
    (tried ? problems[field] : undefined) ?? refusedAt(sending.refusals, field);
  return { ...sending, attempt, match, problemAt, fee: fee ?? '0', amount, digits, exchange, apart };
}

/** Money between two of the company's own accounts, a card payment among them. */
export function TransferTab({ line, draft, onDraft }: TransferTabProps) {
  const { accountName, baseCurrency, separators } = useDesk();
  const transfer = useTransfer({ line, draft, onDraft });
  const { refusals, problemAt, amount, digits, sending } = transfer;
  const mirrors = line.suggestions.filter(({ otherTransaction }) => otherTransaction);
  const other = otherAmount(draft, amount, separators);
  const left = unexplained(amount, other, transfer.fee);
  const rate = rateWords(amount, other, transfer.fee, baseCurrency);
  const duplicates = refusals.flatMap((refusal) => refusal.duplicates);
  const elsewhere = refusals.filter(
    ({ field, duplicates: found }) => !FIELDS.test(field) && found.length === 0,
  );
  return (
    <ActForm
      label="Transfer"
      button={draft.other ? 'Reconcile both' : 'Reconcile'}
      sending={sending}
      refusals={elsewhere}
      blocked={line.blockedReason}
      balance={
        <>
          {rate && <strong>{rate}</strong>}
          {other?.currency === amount.currency && (
            <>
              remaining <strong data-open={!isZero(left)}>{formatDecimal(left)}</strong>
            </>
          )}
        </>
      }
      onSubmit={() => transfer.attempt(null)}
    >
      <ul className={styles.candidates} aria-label="Suggested">
        {mirrors.map((one, index) => (
          <Proposal
            key={one.id}
            number={index + 1}
            picked={draft.other?.id === one.otherTransaction?.id}
            words={bothSides(line, one, accountName)}
            reasons={reasonWords(one)}
            score={one.score}
            onUse={() =>
              onDraft({
                ...draft,
                account: null,
                other: draft.other?.id === one.otherTransaction?.id ? null : one.otherTransaction,
              })
            }
          />
        ))}
      </ul>
      {!draft.other && <OtherAccount {...{ line, draft, onDraft, problemAt }} />}
      <Fee {...{ draft, onDraft, problemAt, digits }} />
      <Rates {...{ line, draft, onDraft, problemAt }} />
      {transfer.apart.length > 1 && (
        <ExchangeAccount chosen={transfer.exchange} {...{ draft, onDraft, problemAt }} />
      )}
      {duplicates.length > 0 && (
        <DuplicateQuestion
          candidates={duplicates}
          sending={sending}
          onMatch={transfer.match}
          onAnyway={transfer.attempt}
        />
      )}
    </ActForm>
  );
}
