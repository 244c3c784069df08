/** Whether an instance of version `has` is what somebody means who asks for `wanted`, which may be only the beginning: 8.0 for 8.0.40. */
export function meansVersion(has: string, wanted: string): boolean {
  return has === wanted || has.startsWith(`${wanted}.`);
}

/** Whether going from one version to another needs RDS's flag for major versions: 16 to 17 at PostgreSQL, 8.0 to 8.4 at the others. */
export function isMajorChange(engine: string, from: string, to: string): boolean {
  const length = engine.includes('postgres') ? 1 : 2;
  const [now, then] = [from, to].map((version) => version.split('.').slice(0, length));
  return then?.some((part, index) => part !== now?.[index]) ?? false;
}
