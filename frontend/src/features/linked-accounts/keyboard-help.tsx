import { Kbd, Modal, Table } from '@mantine/core';

const KEYS: [string, string][] = [
  ['← → ↑ ↓', 'Move in the table'],
  ['Home · End', 'First and last cell of the row'],
  ['Ctrl Home · Ctrl End', 'First and last row'],
  ['Page Up · Page Down', 'One screen up or down'],
  ['Enter', 'Open the account, or press the control'],
  ['Esc', 'Select nothing; then leave the table'],
  ['Space · x', 'Select the row'],
  ['Shift ↑ · Shift ↓', 'Select one row more'],
  ['Ctrl A', 'Select all accounts shown'],
  ['/', 'Search'],
  ['a', 'Add Bank/CC'],
  ['r', 'Refresh the login of this row'],
  ['e · F2', 'Edit name and memo'],
  ['l', 'Link to a ledger account'],
  ['h', 'Hide the account of this row…'],
  ['s', 'Status in detail'],
  ['c', 'Columns'],
  ['?', 'This list'],
];

export function KeyboardHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard" closeButtonProps={{ 'aria-label': 'Close' }}>
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
