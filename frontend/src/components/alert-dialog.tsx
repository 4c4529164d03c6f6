import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useReturnFocus } from '@/lib/use-return-focus';

/** Mantine's dialogs all say `dialog`; what can't be taken back asks as an alert. */
const asAlert = (content: HTMLElement | null) => content?.setAttribute('role', 'alertdialog');

interface AlertDialogProps {
  title: string;
  onClose: () => void;
  /** While something is being done it can't be left. */
  busy?: boolean;
  /** Mark the safe button `data-autofocus`. */
  children: ReactNode;
}

/** A question before something that can't be taken back. */
export function AlertDialog({ title, onClose, busy = false, children }: AlertDialogProps) {
  useReturnFocus();
  return (
    <Modal.Root
      opened
      onClose={onClose}
      closeOnClickOutside={false}
      closeOnEscape={!busy}
      returnFocus={false}
      centered
      size="lg"
    >
      <Modal.Overlay />
      <Modal.Content ref={asAlert}>
        <Modal.Header role="presentation">
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" disabled={busy} />
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
