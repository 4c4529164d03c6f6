import { Button, Checkbox, Popover, Stack } from '@mantine/core';
import { Columns3 } from 'lucide-react';
import type { useColumnChoice } from './use-column-choice';

interface ColumnChooserProps {
  choice: ReturnType<typeof useColumnChoice>;
  opened: boolean;
  onOpen: (opened: boolean) => void;
}

export function ColumnChooser({ choice: { choices, reset, changed }, opened, onOpen }: ColumnChooserProps) {
  return (
    <Popover opened={opened} onChange={onOpen} trapFocus returnFocus position="bottom-end" shadow="md">
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<Columns3 size={14} />}
          onClick={() => onOpen(!opened)}
        >
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        <Stack gap={8}>
          {choices.map(({ id, header, shown, toggle }) => (
            <Checkbox key={id} size="xs" label={header} checked={shown} onChange={toggle} />
          ))}
          <Button size="compact-xs" variant="subtle" disabled={!changed} onClick={reset}>
            Reset to default
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
