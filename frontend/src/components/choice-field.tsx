import { Select, type SelectProps } from '@mantine/core';

interface Choice {
  id: string;
  label: string;
}

type ChoiceFieldProps = Omit<SelectProps, 'data' | 'value' | 'onChange' | 'onSearchChange'> & {
  /** What the search has found; the chosen one need not be among them. */
  choices: Choice[];
  chosen: Choice | null;
  onChoose: (id: string | null) => void;
  /** Called with what is typed; "" when the chosen one stands there. */
  onSearch: (words: string) => void;
};

/** Chooses one of many that somebody else searches: typing searches, arrows move, Enter chooses. */
export function ChoiceField({ choices, chosen, onChoose, onSearch, ...props }: ChoiceFieldProps) {
  const all = chosen && !choices.some(({ id }) => id === chosen.id) ? [chosen, ...choices] : choices;
  return (
    <Select
      searchable
      maxDropdownHeight={260}
      comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
      selectFirstOptionOnChange
      {...props}
      data={all.map(({ id, label }) => ({ value: id, label }))}
      filter={({ options }) => options}
      value={chosen?.id ?? null}
      onSearchChange={(words) => onSearch(words === chosen?.label ? '' : words)}
      onChange={onChoose}
    />
  );
}
