import type { EntryRowFieldsFragment, EntrySource } from '@/graphql/generated/operations';

export type EntryRow = EntryRowFieldsFragment;

export const SOURCES: Record<EntrySource, string> = {
  PERSON: 'Typed',
  FEED: 'Bank feed',
  RULE: 'Rule',
  IMPORT: 'Import',
};

/** What the entry is called: its number, or that it is a draft. */
export const entryName = ({ number }: { number: string | null }): string => number ?? 'Draft';
