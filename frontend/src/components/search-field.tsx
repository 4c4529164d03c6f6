import { TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { Search } from 'lucide-react';
import { useState, type RefObject } from 'react';

interface SearchFieldProps {
  label: string;
  value: string;
  /** Called when the person pauses. */
  onSearch: (words: string) => void;
  field: RefObject<HTMLInputElement | null>;
}

/** Words to search for; "/" leads to it. */
export function SearchField({ label, value, onSearch, field }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const search = useDebouncedCallback(onSearch, 250);
  useHotkeys([['/', () => field.current?.focus()]]);
  return (
    <TextInput
      ref={field}
      type="search"
      size="xs"
      w={{ base: '100%', xs: '16rem' }}
      aria-label={label}
      placeholder={label}
      leftSection={<Search size={14} />}
      value={typed}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        search(currentTarget.value);
      }}
    />
  );
}
