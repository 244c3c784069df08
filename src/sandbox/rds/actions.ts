import type { Account, RdsAction } from './account.ts';
import {
  createDbSnapshot,
  createReadReplica,
  deleteDbSnapshot,
  describeDbSnapshots,
  promoteReadReplica,
  restoreFromSnapshot,
} from './copy-actions.ts';
import { describeTags } from './describe.ts';
import { invalidValue, notFound, snapshotNotFound } from './errors.ts';
import { describeEvents } from './event-actions.ts';
import {
  createDbInstance,
  deleteDbInstance,
  describeDbInstances,
  modifyDbInstance,
  rebootDbInstance,
} from './instance-actions.ts';
import type { Parameters } from './parameters.ts';
import { checkTags } from './rules.ts';

type Tags = ReadonlyMap<string, string>;

/** The instance or snapshot whose tags are asked for, by its ARN. */
function tagged(parameters: Parameters, { instances, snapshots }: Account): { tags: Tags; set(tags: Tags): void } {
  const arn = parameters.required('ResourceName');
  const [, kind, identifier] = /^arn:aws[\w-]*:rds:[\w-]+:\d{12}:(db|snapshot):(.+)$/.exec(arn) ?? [];
  if (identifier === undefined) throw invalidValue(`Invalid resource name: ${arn}`);
  const found = kind === 'db' ? instances.find(identifier) : snapshots.find(identifier);
  if (found === undefined) throw kind === 'db' ? notFound(identifier) : snapshotNotFound(identifier);
  const things = kind === 'db' ? instances : snapshots;
  return { tags: found.tags, set: (tags) => things.tag(identifier, tags) };
}

const addTags: RdsAction = (parameters, account) => {
  const { tags, set } = tagged(parameters, account);
  const all = new Map([...tags, ...parameters.tags()]);
  parameters.refuseUnread('AddTagsToResource');
  checkTags(all);
  set(all);
  return undefined;
};

const removeTags: RdsAction = (parameters, account) => {
  const { tags, set } = tagged(parameters, account);
  const keys = parameters.list('TagKeys', 'member');
  parameters.refuseUnread('RemoveTagsFromResource');
  set(new Map([...tags].filter(([key]) => !keys.includes(key))));
  return undefined;
};

const listTags: RdsAction = (parameters, account) => {
  const { tags } = tagged(parameters, account);
  parameters.refuseUnread('ListTagsForResource');
  return { TagList: describeTags(tags) };
};

export const RDS_ACTIONS: ReadonlyMap<string, RdsAction> = new Map([
  ['CreateDBInstance', createDbInstance],
  ['ModifyDBInstance', modifyDbInstance],
  ['DeleteDBInstance', deleteDbInstance],
  ['RebootDBInstance', rebootDbInstance],
  ['DescribeDBInstances', describeDbInstances],
  ['DescribeEvents', describeEvents],
  ['CreateDBSnapshot', createDbSnapshot],
  ['DeleteDBSnapshot', deleteDbSnapshot],
  ['DescribeDBSnapshots', describeDbSnapshots],
  ['RestoreDBInstanceFromDBSnapshot', restoreFromSnapshot],
  ['CreateDBInstanceReadReplica', createReadReplica],
  ['PromoteReadReplica', promoteReadReplica],
  ['AddTagsToResource', addTags],
  ['RemoveTagsFromResource', removeTags],
  ['ListTagsForResource', listTags],
]);
