import { useRef, type MouseEvent } from 'react';
import { stopIn } from '@/components/grid/stop';
import type { BankAccountRow } from './account-words';
import styles from './select-box.module.css';
import { useSelection } from './use-selection';

/** Chooses a row; with Shift, all rows from the one that was touched last. */
export function SelectBox({ account, inGrid = true }: { account: BankAccountRow; inGrid?: boolean }) {
  const { ids, toggle, rangeTo } = useSelection();
  const ranged = useRef(false);
  const note = ({ shiftKey }: MouseEvent) => {
    ranged.current = shiftKey;
  };
  return (
    <label className={styles.box}>
      <input
        type="checkbox"
        aria-label={`Select ${account.name}`}
        checked={ids.has(account.id)}
        {...stopIn(inGrid)}
        onClick={note}
        onChange={() => (ranged.current ? rangeTo(account.id) : toggle(account.id))}
      />
    </label>
  );
}

/** Chooses every row that is shown, or none. */
export function SelectAllBox() {
  const { ids, all, chooseAll, clear } = useSelection();
  return (
    <label className={styles.box}>
      <input
        type="checkbox"
        aria-label="Select all accounts shown"
        ref={(box) => {
          if (box) box.indeterminate = ids.size > 0 && !all;
        }}
        checked={all}
        {...stopIn(true)}
        onChange={all ? clear : chooseAll}
      />
    </label>
  );
}
