import type { Parameters } from './parameters.ts';
import { checkRetention } from './rules.ts';

/** Settings that the sandbox keeps and shows and that change nothing about it. */
const PLAIN_FLAGS = [
  'MultiAZ',
  'AutoMinorVersionUpgrade',
  'PubliclyAccessible',
  'CopyTagsToSnapshot',
  'StorageEncrypted',
  'EnablePerformanceInsights',
];
const PLAIN_TEXTS = [
  'AvailabilityZone',
  'PreferredMaintenanceWindow',
  'PreferredBackupWindow',
  'KmsKeyId',
  'CACertificateIdentifier',
];
const PLAIN_NUMBERS = [
  'BackupRetentionPeriod',
  'Iops',
  'MaxAllocatedStorage',
  'MonitoringInterval',
  'StorageThroughput',
];

export function plainSettings(parameters: Parameters): Record<string, string | number | boolean> {
  const given = [
    ...PLAIN_FLAGS.map((name) => [name, parameters.flag(name)] as const),
    ...PLAIN_TEXTS.map((name) => [name, parameters.text(name)] as const),
    ...PLAIN_NUMBERS.map((name) => [name, parameters.integer(name)] as const),
  ];
  const retention = parameters.integer('BackupRetentionPeriod');
  if (retention !== undefined) checkRetention(retention);
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[shownAs(name), value]])));
}

/** The one setting whose name differs between request and answer. */
function shownAs(name: string): string {
  return name === 'EnablePerformanceInsights' ? 'PerformanceInsightsEnabled' : name;
}

/** An object without the fields that hold nothing. */
export function present<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // what is undefined has just been taken out
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
