import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { Panel } from './panel';

/** When a page breaks, the rest stays usable, and the person reads a sentence in place of nothing. */
export class CrashBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError = () => ({ broken: true });

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <Panel title="This page broke." problem>
        <p>Nothing was lost on the server. Load the page again; if it breaks again, report what you did.</p>
        <Button size="xs" variant="default" onClick={() => window.location.reload()}>
          Load again
        </Button>
      </Panel>
    );
  }
}
