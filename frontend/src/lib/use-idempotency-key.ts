import { useState } from 'react';
import { newKey } from './new-key';

/** One key for each different thing that is sent: sending the same again after a failure does it once. */
export function useIdempotencyKey(): (input: unknown) => string {
  const [keys] = useState(() => new Map<string, string>());
  return (input) => {
    const sent = JSON.stringify(input);
    const key = keys.get(sent) ?? newKey();
    keys.set(sent, key);
    return key;
  };
}
