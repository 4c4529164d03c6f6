import type { AuditEventsQueryVariables, AuditEventWhere } from '@/graphql/generated/operations';

/** What the page shows, as its address says it. */
export type ActivityFilter = Record<'q' | 'by' | 'about' | 'object' | 'from' | 'to', string>;

const PAGE = 50;

/** The first moment of a day in the reader's own zone, in which the page shows moments. */
const startOf = (date: string): string => new Date(`${date}T00:00:00`).toISOString();

function dayAfter(date: string): string {
  const day = new Date(`${date}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}

function byWhom(by: string, userId: string | undefined): AuditEventWhere[] {
  if (by === 'product') return [{ actor: { isNull: true } }];
  return by === 'me' && userId !== undefined ? [{ actor: { eq: userId } }] : [];
}

/** The filter as the server takes it; `userId` is the viewer's. */
export function toVariables(
  { q, by, about, object, from, to }: ActivityFilter,
  userId: string | undefined,
): Omit<AuditEventsQueryVariables, 'after'> {
  const where: AuditEventWhere[] = [
    ...byWhom(by, userId),
    ...(about ? [{ objectType: { eq: about } }] : []),
    ...(object ? [{ objectId: { eq: object } }] : []),
    ...(from ? [{ happenedAt: { gte: startOf(from) } }] : []),
    ...(to ? [{ happenedAt: { lt: startOf(dayAfter(to)) } }] : []),
  ];
  return { first: PAGE, search: q.trim() || null, where: where.length > 0 ? { and: where } : null };
}
