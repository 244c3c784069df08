import { connect } from '../client.ts';
import { type GlobalOptions, type LimitOptions, limitOf } from '../options.ts';
import { column, printList, timeColumn } from '../output.ts';

interface AuditOptions extends GlobalOptions, LimitOptions {
  readonly user?: string;
  readonly outcome?: string;
}

export async function audit(options: AuditOptions): Promise<void> {
  const query = { limit: limitOf(options), user: options.user, outcome: options.outcome };
  const { items, total } = await (await connect(options)).page('GET /audit', { query });
  const columns = [
    timeColumn('WHEN', 'timestamp'),
    column('USER', 'user'),
    column('BY', 'method'),
    column('FROM', 'address'),
    column('WHAT', 'action'),
    column('ON', 'target'),
    column('OUTCOME', 'outcome'),
  ];
  await printList(items, columns, options, total);
}
