import type { AnyVariables, TypedDocumentNode } from '@urql/core';
import { useMemo, useState, useSyncExternalStore } from 'react';
import { useClient } from 'urql';
import { PagedQuery, type Pages, type Select } from './paged-query';

export interface UsedPages<Row> extends Pages<Row> {
  loadMore: () => void;
  refetch: () => Promise<void>;
}

/** While other variables are read, what was shown before stays, so that nothing jumps. */
function useShown<Row>(pages: Pages<Row>): Pages<Row> {
  const [shown, setShown] = useState(pages);
  if (!pages.loading && shown !== pages) setShown(pages);
  return pages.loading ? { ...shown, fetching: true } : pages;
}

/**
 * Reads a connection page by page. `variables` must be stable (memoised) and without `after`;
 * `select` must be declared outside the component.
 */
export function usePages<Data, Variables extends AnyVariables, Row extends { id: string }>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables & object, 'after'>,
  select: Select<Data, Row>,
): UsedPages<Row> {
  const client = useClient();
  const query = useMemo(
    () =>
      new PagedQuery<Data, Row>(
        (after, requestPolicy) =>
          client.query(document, { ...variables, after } as unknown as Variables, { requestPolicy }),
        select,
      ),
    [client, document, variables, select],
  );
  const pages = useShown(useSyncExternalStore(query.subscribe, query.snapshot));
  return { ...pages, loadMore: query.loadMore, refetch: query.refetch };
}
