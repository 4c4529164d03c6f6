import { ObjectHistory } from '@/features/activity/object-history';
import { EntryPage } from '@/features/ledger/entry-page';

/** One journal entry, with all that was ever done to it. */
export function EntryWithHistory({ params: { id } }: { params: { id: string } }) {
  return (
    <EntryPage
      key={id}
      id={id}
      history={({ act, reversedBy }) => (
        <ObjectHistory
          objectIds={[id, act?.id, reversedBy?.act?.id].filter((known) => known !== undefined)}
        />
      )}
    />
  );
}
