import { useQuery } from 'urql';
import { ViewerDocument, type Right, type ViewerQuery } from './generated/operations';

/** Who is signed in, in which organization; undefined until it is read. */
export function useViewer(): ViewerQuery['viewer'] | undefined {
  const [{ data }] = useQuery({ query: ViewerDocument });
  return data?.viewer;
}

/** Why the viewer may not do what takes this right; null when they may. */
export function useRefusal(right: Right): string | null {
  const viewer = useViewer();
  if (!viewer || viewer.rights.includes(right)) return null;
  return `This needs the right “${right.toLowerCase()}”. Ask an administrator for it.`;
}
