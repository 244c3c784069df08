/**
 * Objects in Kubernetes' binary form, as Go clients send built-in kinds (kubectl create, since 1.32). Answers are JSON, which those clients accept too.
 * What the types do not know is refused with 415 rather than lost.
 */
import { badRequest, unsupportedMediaType } from '../errors.ts';
import { type Json, type JsonMap, parseJson, setAt } from '../json.ts';
import { packageOf } from '../kinds/define.ts';
import { type MessageField, messageOf } from './messages.ts';
import { wireFields } from './wire.ts';

const MAGIC = Buffer.from('k8s\0');
const READ_INSTEAD = ['application/json', 'application/yaml'];

/** The object in a `runtime.Unknown` envelope. Throws 400 for what is none, 415 for a kind or field that is not known. */
export function decodeProtobuf(bytes: Buffer): Json {
  if (!bytes.subarray(0, 4).equals(MAGIC)) {
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  try {
    let apiVersion = '';
    let kind = '';
    let raw: Buffer = Buffer.alloc(0);
    for (const { number, value } of wireFields(bytes.subarray(4))) {
      if (!Buffer.isBuffer(value)) continue;
      if (number === 2) raw = value;
      if (number !== 1) continue;
      for (const field of wireFields(value)) {
        if (field.number === 1) apiVersion = String(field.value);
        if (field.number === 2) kind = String(field.value);
      }
    }
    return { apiVersion, kind, ...message(messageName(apiVersion, kind), raw) };
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(`the protobuf message cannot be read: ${error.message}`);
    throw error;
  }
}

/** `rbac.authorization.k8s.io/v1` and `Role` are `rbac.v1.Role`. The options of a request are those of every group. */
function messageName(apiVersion: string, kind: string): string {
  if (kind === 'DeleteOptions') return 'meta.v1.DeleteOptions';
  const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return `${packageOf(group, version ?? '')}.${kind}`;
}

function message(name: string, bytes: Buffer): JsonMap {
  const fields = messageOf(name);
  if (fields === undefined) throw unsupportedMediaType(READ_INSTEAD);
  const object: JsonMap = {};
  for (const { number, value } of wireFields(bytes)) {
    const field = fields.get(number);
    if (field === undefined) {
      // A zero of a field that is unknown here says nothing.
      if (value === 0 || (Buffer.isBuffer(value) && value.length === 0)) continue;
      throw unsupportedMediaType(READ_INSTEAD);
    }
    if (field.name === '') Object.assign(object, Buffer.isBuffer(value) ? message(field.type, value) : {});
    else add(object, field, value);
  }
  return object;
}

function add(object: JsonMap, field: MessageField, value: number | Buffer): void {
  const { name } = field;
  if (field.form === 'map') {
    if (!Buffer.isBuffer(value)) throw new RangeError(`field ${name} is no map`);
    const { key, entry } = mapEntry(field, value);
    if (key !== '__proto__') setAt(object, [name, key], entry);
    return;
  }
  const read = single(field.type, value);
  if (field.form === 'list') {
    const list = object[name];
    object[name] = [...(Array.isArray(list) ? list : []), read];
    return;
  }
  const empty = read === '' || read === 0 || read === false || read === null || isEmptyMap(read);
  if (!empty || field.keepsZero) object[name] = read;
}

function isEmptyMap(value: Json): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

function mapEntry(field: MessageField, bytes: Buffer): { key: string; entry: Json } {
  let key = '';
  let entry: Json = '';
  for (const { number, value } of wireFields(bytes)) {
    if (number === 1) key = String(value);
    if (number === 2) entry = single(field.type, value);
  }
  return { key, entry };
}

function single(type: string, value: number | Buffer): Json {
  if (!Buffer.isBuffer(value)) return type === 'bool' ? value !== 0 : value;
  switch (type) {
    case 'string':
      return value.toString('utf8');
    case 'bytes':
      return value.toString('base64');
    case 'quantity':
      return text(value, 1);
    case 'intOrString':
      return intOrString(value);
    case 'time':
    case 'microTime':
      return instant(value, type === 'microTime');
    case 'any':
      return rawExtension(value);
    case '[]string':
      return strings(value);
    default:
      return message(type, value);
  }
}

function text(bytes: Buffer, wanted: number): string {
  for (const { number, value } of wireFields(bytes)) if (number === wanted) return String(value);
  return '';
}

function intOrString(bytes: Buffer): Json {
  let isText = false;
  let whole = 0;
  let words = '';
  for (const { number, value } of wireFields(bytes)) {
    if (number === 1) isText = value === 1;
    if (number === 2 && typeof value === 'number') whole = value;
    if (number === 3) words = String(value);
  }
  return isText ? words : whole;
}

/** A RawExtension or FieldsV1: JSON within a message. */
function rawExtension(bytes: Buffer): Json {
  const inner = text(bytes, 1);
  return inner === '' ? null : parseJson(inner);
}

/** A message that is nothing but a list of strings, as the values of an access review's extra fields. */
function strings(bytes: Buffer): Json {
  return [...wireFields(bytes)].flatMap(({ number, value }) => (number === 1 ? [String(value)] : []));
}

/** RFC 3339; null for the zero time, which is an empty message. */
function instant(bytes: Buffer, micro: boolean): Json {
  let seconds: number | undefined;
  let nanos = 0;
  for (const { number, value } of wireFields(bytes)) {
    if (number === 1 && typeof value === 'number') seconds = value;
    if (number === 2 && typeof value === 'number') nanos = value;
  }
  if (seconds === undefined) return null;
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return micro ? `${whole}.${String(Math.trunc(nanos / 1000)).padStart(6, '0')}Z` : `${whole}Z`;
}
