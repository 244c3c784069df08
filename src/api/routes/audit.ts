import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type AuditRecord, PetrelError } from '../../model/index.ts';
import { pageOf, sendList } from '../listing.ts';
import type { ApiServices } from '../services.ts';
import { timestamp } from '../views.ts';

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const filters = z.object({
  user: z.string().optional(),
  outcome: z.enum(['done', 'denied', 'failed']).optional(),
  timestamp_gt: time.optional(),
  timestamp_lt: time.optional(),
});

/** /audit: who changed what, newest first. */
export function auditRoutes(api: FastifyInstance, { access: { audit } }: ApiServices): void {
  api.get('/audit', async (request, reply) => {
    const page = pageOf(request.query);
    const query = filters.safeParse(request.query);
    if (!query.success) throw new PetrelError('invalid', `The query is not valid: ${z.prettifyError(query.error)}`);
    const { user, outcome, timestamp_gt: after, timestamp_lt: before } = query.data;
    const filter = {
      ...(user !== undefined && { user }),
      ...(outcome !== undefined && { outcome }),
      ...(after !== undefined && { after }),
      ...(before !== undefined && { before }),
    };
    const { items, total } = await audit.list(filter, page);
    return sendList(reply, request.query, page, { items: items.map(viewOf), total });
  });
}

function viewOf({ at, requestId, ...record }: AuditRecord) {
  return { ...record, timestamp: timestamp(at), request_id: requestId };
}
