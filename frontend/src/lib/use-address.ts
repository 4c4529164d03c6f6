import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';

/**
 * What the page shows, as its address says it: one text for each name, "" when it is left out.
 * Setting some keeps the others and replaces the address, so that Back leaves the page.
 */
export function useAddress<Name extends string>(
  names: readonly Name[],
): [Record<Name, string>, (next: Partial<Record<Name, string>>) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const key = names.join();
  const shown = useMemo(() => {
    const query = new URLSearchParams(search);
    return Object.fromEntries(key.split(',').map((name) => [name, query.get(name) ?? ''])) as Record<
      Name,
      string
    >;
  }, [search, key]);
  const show = (next: Partial<Record<Name, string>>) => {
    const parts = Object.entries<string>({ ...shown, ...next }).filter(([, value]) => value !== '');
    const query = new URLSearchParams(parts).toString();
    navigate(query ? `${path}?${query}` : path, { replace: true });
  };
  return [shown, show];
}
