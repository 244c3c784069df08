import { z } from 'zod';
import type { AuditRecord } from '../../model/index.ts';
import { pageOf, sendList } from '../listing.ts';
import { listQuery } from '../query.ts';
import { type Route, route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { timestamp as timestampShape } from '../shapes/common.ts';
import { timestamp } from '../views.ts';

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const outcome = z.enum(['done', 'denied', 'failed']);

const record = z
  .looseObject({ timestamp: timestampShape, request_id: z.string(), user: z.string(), outcome })
  .meta({ id: 'AuditRecord' });

/** /audit: who changed what, newest first. */
export function auditRoutes({ access: { audit } }: ApiServices): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/audit',
      tag: 'Audit log',
      summary: 'Who changed what, newest first',
      query: z.object({
        ...listQuery,
        user: z.string().optional(),
        outcome: outcome.optional(),
        timestamp_gt: time.optional(),
        timestamp_lt: time.optional(),
      }),
      answer: z.array(record),
      async handle({ query, reply }) {
        const page = pageOf(query);
        const { user, outcome, timestamp_gt: after, timestamp_lt: before } = query;
        const filter = {
          ...(user !== undefined && { user }),
          ...(outcome !== undefined && { outcome }),
          ...(after !== undefined && { after }),
          ...(before !== undefined && { before }),
        };
        const { items, total } = await audit.list(filter, page);
        return sendList(reply, query, page, { items: items.map(viewOf), total });
      },
    }),
  ];
}

function viewOf({ at, requestId, ...record }: AuditRecord) {
  return { ...record, timestamp: timestamp(at), request_id: requestId };
}
