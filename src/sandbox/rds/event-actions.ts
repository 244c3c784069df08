import { pageRequest, type RdsAction } from './account.ts';
import { invalidCombination, invalidValue } from './errors.ts';
import { XmlList } from './xml.ts';

const MINUTE = 60_000;
/** RDS keeps no event longer. */
const KEPT = 14 * 24 * 60 * MINUTE;

/** Events of instances; of other sources there are none here. */
export const describeEvents: RdsAction = (parameters, { instances, clock }) => {
  const source = parameters.text('SourceIdentifier')?.toLowerCase();
  const type = parameters.text('SourceType');
  const start = timeOf('StartTime', parameters.text('StartTime'));
  const end = timeOf('EndTime', parameters.text('EndTime')) ?? clock();
  const minutes = parameters.integer('Duration') ?? 60;
  const categories = parameters.list('EventCategories', 'EventCategory');
  const { most, after } = pageRequest(parameters);
  parameters.refuseUnread('DescribeEvents');
  if (source !== undefined && type === undefined) {
    throw invalidCombination('SourceType must be supplied with SourceIdentifier');
  }
  const from = Math.max(start ?? end - minutes * MINUTE, clock() - KEPT);
  const found = instances
    .events()
    .filter(({ at }) => at >= from && at <= end)
    .filter((event) => (type ?? 'db-instance') === 'db-instance' && (source === undefined || event.source === source))
    .filter(({ category }) => categories.length === 0 || categories.includes(category));
  const first = Number(after);
  const events = found.slice(first, first + most).map(({ source, arn, at, message, category }) => ({
    SourceIdentifier: source,
    SourceType: 'db-instance',
    Message: message,
    EventCategories: new XmlList('EventCategory', [category]),
    Date: new Date(at).toISOString(),
    SourceArn: arn,
  }));
  const next = first + most < found.length ? Buffer.from(String(first + most)).toString('base64url') : undefined;
  return { Marker: next, Events: new XmlList('Event', events) };
};

function timeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalidValue(`Invalid value ${text} for ${name}. Must be a time in ISO 8601.`);
  return time;
}
