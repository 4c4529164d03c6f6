import { Kbd, Modal, Table } from '@mantine/core';
import { useReturnFocus } from '@/lib/use-return-focus';

const KEYS: [string, string][] = [
  ['j · k · ↓ · ↑', 'Next and previous line'],
  ['→', 'To the candidates of the line'],
  ['1 … 9', 'Pick a candidate'],
  ['Ctrl Enter', 'Reconcile (⌘ Enter on a Mac)'],
  ['m · n · t · p', 'Match, New, Transfer, sPlit'],
  ['x', 'Mark the line'],
  ['Shift ↓ · Shift ↑', 'Mark a range'],
  ['e', 'Exclude'],
  ['u', 'To check'],
  ['Alt Z', 'Undo what you just did'],
  ['Esc', 'Back to the lines, then clear the marks'],
  ['?', 'This list'],
];

export function KeyboardHelp({ onClose }: { onClose: () => void }) {
  useReturnFocus();
  return (
    <Modal
      opened
      onClose={onClose}
      returnFocus={false}
      title="Keyboard"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Table verticalSpacing={4} withRowBorders={false}>
        <Table.Tbody>
          {KEYS.map(([keys, words]) => (
            <Table.Tr key={keys}>
              <Table.Th scope="row" w={180}>
                {keys.split(' · ').map((key) => (
                  <Kbd key={key} mr={6}>
                    {key}
                  </Kbd>
                ))}
              </Table.Th>
              <Table.Td>{words}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
