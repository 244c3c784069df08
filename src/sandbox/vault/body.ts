import type { Incoming } from '../loopback.ts';
import { VaultError } from './answers.ts';
import type { SecretData, SecretSettings } from './secrets.ts';

export type Body = Readonly<Record<string, unknown>>;

/** The request's JSON object; an empty body is an empty object. */
export function bodyOf(request: Incoming): Body {
  const text = request.body.toString('utf8');
  if (text.trim() === '') return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new VaultError(400, 'error parsing JSON');
  }
  const body = objectOf(parsed);
  if (body === undefined) throw new VaultError(400, 'error parsing JSON');
  return body;
}

/** The `data` of a write. Nothing of what was sent is repeated in a complaint. */
export function dataOf(body: Body): SecretData {
  if (body.data === undefined) throw new VaultError(400, 'no data provided');
  const data = objectOf(body.data);
  if (data === undefined) throw new VaultError(400, 'error converting input for field "data": expected a map');
  return data;
}

/** The check-and-set version; text that is a number is taken as one. */
export function casOf(body: Body): number | undefined {
  const cas = objectOf(body.options)?.cas;
  if (cas === undefined) return undefined;
  const version = typeof cas === 'string' || typeof cas === 'number' ? Number(cas) : Number.NaN;
  if (!Number.isInteger(version)) throw new VaultError(400, 'error parsing check-and-set parameter');
  return version;
}

/** Version numbers: a list, or text with commas. `complaint` is what each endpoint says when there are none. */
export function versionsOf(body: Body, complaint: string): number[] {
  const given = typeof body.versions === 'string' ? body.versions.split(',') : body.versions;
  const versions = (Array.isArray(given) ? given : []).map(Number);
  if (versions.some((version) => !Number.isInteger(version))) {
    throw new VaultError(400, 'error converting input for field "versions": expected integers');
  }
  if (versions.length === 0) throw new VaultError(400, complaint);
  return versions;
}

/** What a metadata write asks for; only what it names is changed. */
export function settingsOf(body: Body): Partial<SecretSettings> {
  const custom = objectOf(body.custom_metadata);
  if (custom !== undefined && Object.values(custom).some((value) => typeof value !== 'string')) {
    throw new VaultError(400, 'custom_metadata validation failed: values must be strings');
  }
  return {
    ...(body.max_versions === undefined ? {} : { maxVersions: Number(body.max_versions) || 0 }),
    ...(body.cas_required === undefined
      ? {}
      : { casRequired: body.cas_required === true || body.cas_required === 'true' }),
    // every value was found to be a string above
    ...(custom === undefined ? {} : { customMetadata: custom as Record<string, string> }),
  };
}

/** A JSON merge patch (RFC 7386): null removes, objects merge, everything else replaces. */
export function mergePatch(target: SecretData, patch: SecretData): SecretData {
  const merged = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    const inner = objectOf(value);
    if (value === null) merged.delete(name);
    else merged.set(name, inner === undefined ? value : mergePatch(objectOf(merged.get(name)) ?? {}, inner));
  }
  return Object.fromEntries(merged);
}

function objectOf(value: unknown): Body | undefined {
  // an object that is neither null nor an array is a record of unknown values
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
}
