import { useLocalStorage } from '@mantine/hooks';
import type { ColumnVisibilityState } from '@tanstack/react-table';
import { columns } from './columns';

const AT_FIRST: ColumnVisibilityState = { id: false, account_id: false, provider_id: false };

interface Choice {
  id: string;
  header: string;
  shown: boolean;
  toggle: () => void;
}

/** Which columns this browser shows; a choice made by hand is kept, the rest follows the default. */
export function useColumnChoice() {
  const [chosen, setChosen, forget] = useLocalStorage<ColumnVisibilityState>({
    key: 'counterfoil.linked-accounts.columns',
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  const visibility = { ...AT_FIRST, ...chosen };
  const choices: Choice[] = columns
    .filter(({ enableHiding }) => enableHiding !== false)
    .map(({ id = '', header }) => {
      const shown = visibility[id] !== false;
      return { id, header: String(header), shown, toggle: () => setChosen({ ...chosen, [id]: !shown }) };
    });
  return { visibility, choices, reset: forget, changed: Object.keys(chosen).length > 0 };
}
