import type { AuditEventsQuery } from '@/graphql/generated/operations';

export const selectEvents = (found: AuditEventsQuery) => found.auditEvents;
