import { ActionIcon, Button, Checkbox, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { formatDate } from '@/lib/dates';
import { formatSigned } from '@/lib/money';
import styles from './dialogs.module.css';
import type { AmountManner, LackingDraft, StartDraft, TyingPreview } from './start-draft';

interface OutstandingFieldsProps {
  draft: StartDraft;
  preview: TyingPreview;
  manner: AmountManner;
  /** The account moves: what is outstanding moves along by itself. */
  moves: boolean;
  onDraft: (part: Partial<StartDraft>) => void;
}

type Line = TyingPreview['openLines'][number];

const lineWords = ({ postedOn, memo, journalEntry }: Line): string =>
  [postedOn && formatDate(postedOn), journalEntry.number, memo ?? journalEntry.memo]
    .filter(Boolean)
    .join(' · ');

function OpenLines({ draft, preview, onDraft }: OutstandingFieldsProps) {
  const choose = (id: string, chosen: boolean) =>
    onDraft({
      outstanding: chosen ? [...draft.outstanding, id] : draft.outstanding.filter((other) => other !== id),
    });
  return (
    <div className={styles.outstanding}>
      {preview.openLines.map((line) => (
        <Checkbox
          key={line.id}
          checked={draft.outstanding.includes(line.id)}
          onChange={({ currentTarget }) => choose(line.id, currentTarget.checked)}
          label={
            <span className={styles.outstandingLine}>
              <span>{lineWords(line)}</span>
              <span>{formatSigned(line.open.amount)}</span>
            </span>
          }
          styles={{ body: { width: '100%' }, labelWrapper: { flex: 1 } }}
        />
      ))}
    </div>
  );
}

function Lacking({ draft, onDraft }: Pick<OutstandingFieldsProps, 'draft' | 'onDraft'>) {
  const { lacking, startOn } = draft;
  const change = (key: number, part: Partial<LackingDraft>) =>
    onDraft({ lacking: lacking.map((item) => (item.key === key ? { ...item, ...part } : item)) });
  const add = () => {
    const key = Math.max(0, ...lacking.map((item) => item.key)) + 1;
    onDraft({ lacking: [...lacking, { key, datedOn: startOn, amount: '', memo: '' }] });
  };
  return (
    <>
      {lacking.map(({ key, datedOn, amount, memo }, index) => (
        <div
          key={key}
          className={styles.lacking}
          role="group"
          aria-label={`Item ${index + 1} that the books lack`}
        >
          <TextInput
            type="date"
            size="xs"
            aria-label="Date"
            max={startOn}
            value={datedOn}
            onChange={({ currentTarget }) => change(key, { datedOn: currentTarget.value })}
          />
          <TextInput
            size="xs"
            inputMode="decimal"
            aria-label="Amount, minus for money out"
            placeholder="−12.50"
            value={amount}
            onChange={({ currentTarget }) => change(key, { amount: currentTarget.value })}
          />
          <TextInput
            size="xs"
            aria-label="Memo"
            placeholder="Cheque 1043"
            value={memo}
            onChange={({ currentTarget }) => change(key, { memo: currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove item ${index + 1}`}
            onClick={() => onDraft({ lacking: lacking.filter((item) => item.key !== key) })}
          >
            <X size={14} />
          </ActionIcon>
        </div>
      ))}
      <Button
        size="compact-xs"
        variant="subtle"
        leftSection={<Plus size={12} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={add}
      >
        Add an item that the books lack
      </Button>
    </>
  );
}

/** What the books had and the bank had not seen yet on that day: cheques and deposits on their way. */
export function OutstandingFields(props: OutstandingFieldsProps) {
  const { preview, moves } = props;
  if (moves && preview.openLines.length === 0) return null;
  return (
    <fieldset className={styles.fieldset}>
      <legend>Outstanding then</legend>
      <p className={styles.text}>
        {preview.openLines.length === 0
          ? 'No entries of this ledger account wait for the bank. '
          : 'Tick what the bank had not seen by that day; the rest counts as cleared. '}
        {!moves && 'Cheques and deposits on their way that the books do not have yet are added here.'}
      </p>
      {preview.openLines.length > 0 && <OpenLines {...props} />}
      {preview.openLineCount > preview.openLines.length && (
        <p className={styles.text}>
          These are the newest {preview.openLines.length} of {preview.openLineCount}; older ones count as
          cleared.
        </p>
      )}
      {!moves && <Lacking {...props} />}
    </fieldset>
  );
}
