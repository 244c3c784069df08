/** What the small things of the resource chaos may and must have left in Consul, from the objects of the cluster. Pure. */

export interface PostedThing {
  readonly name: string;
  /** The name of what it depends on. */
  readonly needs?: string;
  readonly deleting: boolean;
  /** Whether its status says, for the present generation, that all is as wished. */
  readonly ready: boolean;
}

export interface Kept {
  readonly key: string;
  readonly value: string;
  /** The name of the object in the owner's tag. */
  readonly owner: string;
}

/**
 * Everything that is not as it must be; nothing when all is well. `wishes` are values by the name of what was wished last.
 * What is deleted while a wished object stands on it stays, since the deletion goes in reverse; and what needs something that nobody wishes waits.
 * `taken`: the names of what somebody else has removed, which nobody puts back while its object is being deleted or waits.
 */
export function thingProblems(
  objects: readonly PostedThing[],
  kept: readonly Kept[],
  wishes: ReadonlyMap<string, string>,
  taken: ReadonlySet<string> = new Set(),
): string[] {
  const byName = new Map(objects.map((object) => [object.name, object]));
  const outside = new Map(kept.map((one) => [one.owner, one]));
  const waits = ({ needs }: PostedThing) => needs !== undefined && !wishes.has(needs);
  const stands = (name: string) => outside.has(name) || taken.has(name);
  const isHeld = (name: string) =>
    objects.some((one) => one.needs === name && !one.deleting && wishes.has(one.name) && stands(one.name));
  return [
    ...[...wishes].flatMap(([name, value]) => {
      const object = byName.get(name);
      if (object === undefined || object.deleting) return [`${name} is wished, and there is no such object`];
      if (waits(object)) return [];
      if (!object.ready) return [`${name} is not ready`];
      const found = outside.get(name);
      if (found === undefined) return [`${name} does not exist`];
      return found.value === value ? [] : [`${found.key} says ${found.value}; ${value} is wished`];
    }),
    ...objects.flatMap(({ name, deleting }) => {
      if (wishes.has(name)) return [];
      if (!deleting) return [`nobody wishes the object ${name}`];
      if (!isHeld(name)) return [`${name} is being deleted and does not go`];
      return stands(name) ? [] : [`${name} was taken away from under what needs it`];
    }),
    ...kept.flatMap(({ key, owner }) => (byName.has(owner) ? [] : [`${key} is left over`])),
    ...kept.flatMap((one) =>
      outside.get(one.owner) === one ? [] : [`${one.owner} exists twice: ${one.key}, ${outside.get(one.owner)?.key}`],
    ),
  ];
}
