import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { LineInHandQuery } from '@/graphql/generated/operations';
import { formatDecimal, isZero, negate } from '@/lib/money';
import { ActForm } from './act-form';
import { emptyRow, problemsOf, rowsOf, spread, toCodingLines, type LedgerChoice } from './coding-draft';
import { CodingRows } from './coding-rows';
import { isGone } from './decision-words';
import styles from './forms.module.css';
import { LedgerCombobox } from './ledger-combobox';
import { refusedAt, type Line, type Refusal } from './outcome';
import { useDesk } from './use-desk';
import { useDeciding } from './use-deciding';

type Match = NonNullable<LineInHandQuery['bankTransaction']>['matches'][number];

/** Refusals that stand at none of these fields. */
const elsewhere = (refusals: readonly Refusal[], fields: RegExp) =>
  refusals.filter(({ field }) => !fields.test(field));

/** The line becomes what the bank reports. */
export function AcceptForm({ line }: { line: Line }) {
  const { acts } = useDesk();
  const { target, send, sending, refusals } = useDeciding(line);
  return (
    <ActForm
      label="Take the bank’s version"
      button={line.reviewItem?.kind === 'WITHDRAWN' ? 'Let it go' : 'Accept'}
      blocked={null}
      sending={sending}
      refusals={refusals}
      onSubmit={() => void send(() => acts.acceptChange(target), 'Accepted.')}
    >
      {null}
    </ActForm>
  );
}

/** What the bank says more or less is posted to an account. */
export function AdjustForm({ line }: { line: Line }) {
  const { acts } = useDesk();
  const { target, send, sending, refusals } = useDeciding(line);
  const [account, setAccount] = useState<LedgerChoice | null>(null);
  const [memo, setMemo] = useState('');
  const [tried, setTried] = useState(false);
  const difference = line.reviewItem?.difference?.amount ?? '0';
  const missing = tried && !account ? 'Choose a ledger account.' : undefined;
  const post = () => {
    setTried(true);
    if (!account) return;
    const input = { ...target, ledgerAccountId: account.id, memo: memo.trim() || null, rates: [] };
    void send(() => acts.adjustChange(input), 'Difference posted.');
  };
  return (
    <ActForm
      label="Post the difference"
      button="Post"
      blocked={null}
      sending={sending}
      refusals={elsewhere(refusals, /^(ledgerAccountId|memo)$/)}
      balance={
        <>
          difference <strong>{formatDecimal(difference)}</strong>
        </>
      }
      onSubmit={post}
    >
      <LedgerCombobox
        label="Account for the difference"
        chosen={account}
        onChoose={setAccount}
        error={missing ?? refusedAt(refusals, 'ledgerAccountId')}
      />
      <TextInput
        label="Memo"
        value={memo}
        maxLength={500}
        error={refusedAt(refusals, 'memo')}
        onChange={({ currentTarget }) => setMemo(currentTarget.value)}
      />
    </ActForm>
  );
}

/** Where the old amount went: the other lines of the entry that the match holds. */
function bookedRows(match: Match | undefined, total: string, separators: Parameters<typeof rowsOf>[2]) {
  const [item] = match?.journalItems ?? [];
  const others = item?.journalLine.journalEntry.lines.filter(({ id }) => id !== item.journalLine.id) ?? [];
  const lines = others.map(({ ledgerAccount, amount, memo }) => ({
    __typename: 'CodingLine' as const,
    ledgerAccount,
    memo,
    amount: { ...amount, amount: negate(amount.amount) },
  }));
  return lines.length > 0 ? rowsOf(lines, total, separators) : [emptyRow()];
}

/** The entry is reversed, and what the bank reports now is booked. */
export function RebookForm({ line, match }: { line: Line; match: Match | undefined }) {
  const { acts, separators } = useDesk();
  const { target, send, sending, refusals } = useDeciding(line);
  const total = line.reviewItem?.reportedAmount?.amount ?? '0';
  const gone = !line.reviewItem || isGone(line.reviewItem);
  const [rows, setRows] = useState(() => bookedRows(match, total, separators));
  const [tried, setTried] = useState(false);
  const problems = gone
    ? {}
    : problemsOf({ rows, rate: '', memo: '', reference: '', contact: '' }, total, separators, false);
  const problemAt = (field: string) => (tried ? problems[field] : undefined) ?? refusedAt(refusals, field);
  const { left } = spread(rows, total, separators);
  const rebook = () => {
    setTried(true);
    if (Object.keys(problems).length > 0) return;
    const lines = gone ? null : toCodingLines(rows, total, separators);
    const input = { ...target, lines, memo: null, rates: [] };
    void send(() => acts.rebookChange(input), gone ? 'Reversed.' : 'Booked anew.');
  };
  return (
    <ActForm
      label={gone ? 'Reverse the entry' : 'Book it anew'}
      button={gone ? 'Reverse' : 'Book anew'}
      blocked={null}
      sending={sending}
      refusals={elsewhere(refusals, /^lines/)}
      balance={
        !gone && (
          <>
            remaining <strong data-open={!isZero(left)}>{formatDecimal(left)}</strong>
            {problemAt('lines') && <span className={styles.blocked}>{problemAt('lines')}</span>}
          </>
        )
      }
      onSubmit={rebook}
    >
      {!gone && (
        <CodingRows
          rows={rows}
          total={total}
          onRows={setRows}
          problemAt={problemAt}
          path="lines"
          split={false}
        />
      )}
    </ActForm>
  );
}

/** What is booked stays, with a reason. */
export function KeepForm({ line }: { line: Line }) {
  const { acts } = useDesk();
  const { send, sending, refusals } = useDeciding(line);
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const said = reason.trim();
  const keep = () => {
    setTried(true);
    if (line.reviewItem && said !== '') {
      const input = { reviewItemId: line.reviewItem.id, reason: said };
      void send(() => acts.keepOurs(input), 'Kept as booked.');
    }
  };
  return (
    <ActForm
      label="Keep what is booked"
      button="Keep ours"
      blocked={null}
      sending={sending}
      refusals={elsewhere(refusals, /^reason$/)}
      onSubmit={keep}
    >
      <TextInput
        label="Why what was booked is right"
        maxLength={500}
        value={reason}
        error={tried && said === '' ? 'Give a reason.' : refusedAt(refusals, 'reason')}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
    </ActForm>
  );
}
