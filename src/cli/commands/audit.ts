import type { JsonObject } from '../../model/index.ts';
import { call, findConnection } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, shortTime, table } from '../output.ts';

interface AuditOptions extends GlobalOptions {
  readonly limit: string;
  readonly user?: string;
  readonly outcome?: string;
}

export async function audit(options: AuditOptions): Promise<void> {
  const { limit, user, outcome } = options;
  const query = new URLSearchParams({
    limit,
    ...(user !== undefined && { user }),
    ...(outcome !== undefined && { outcome }),
  });
  const { body } = await call(findConnection(options, process.env), 'GET', `/audit?${query}`);
  const columns = [
    { title: 'WHEN', value: (row: JsonObject) => shortTime(row.timestamp) },
    column('USER', 'user'),
    column('BY', 'method'),
    column('FROM', 'address'),
    column('WHAT', 'action'),
    column('ON', 'target'),
    column('OUTCOME', 'outcome'),
  ];
  print(body, options.json === true, () => table(body as readonly JsonObject[], columns)); // a list answers an array
}
