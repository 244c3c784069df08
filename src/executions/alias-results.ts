import {
  dictEntries,
  isDict,
  type Jinja,
  PythonError,
  PythonFunction,
  PythonObject,
  Tuple,
  typeName,
} from '../expressions/index.ts';
import { type ActionAlias, isJsonObject, type Json, type JsonObject } from '../model/index.ts';
import { renderValues, type Variables } from '../workflows/index.ts';

/** What a chat is told of an execution's end. */
export interface AliasResult extends JsonObject {
  /** False: nothing is to be said. */
  readonly enabled: boolean;
  readonly message: string;
  readonly extra?: JsonObject;
}

/** Python 2's and 3's names for the same thing, which templates of the time write. */
class Six extends PythonObject {
  readonly typeName = 'module';

  override repr(): string {
    return "<module 'six'>";
  }

  override attribute(name: string): unknown {
    const pick = (select: (entry: readonly [unknown, unknown]) => unknown) =>
      new PythonFunction(name, ({ positional: [dict] }) => {
        if (!isDict(dict)) throw new PythonError('AttributeError', `${typeName(dict)} is no dictionary`);
        return [...dictEntries(dict)].map(select);
      });
    switch (name) {
      case 'iteritems':
        return pick(([key, value]) => new Tuple([key, value]));
      case 'iterkeys':
        return pick(([key]) => key);
      case 'itervalues':
        return pick(([, value]) => value);
      default:
        return undefined;
    }
  }
}

/**
 * What to say of an execution, as the API shows it: by the `result` of its alias, or else in a line and what it printed
 * (stackstorm-packs.md, section 10.2). Throws `PetrelError` (`expression`) when the alias' template does not work out.
 */
export function formatResult(execution: JsonObject, alias: ActionAlias | undefined, jinja: Jinja): AliasResult {
  const { enabled, format, extra } = alias?.result ?? {};
  if (enabled === false) return { enabled: false, message: '' };
  const variables: Variables = { execution, six: new Six(), ...(alias && { alias: { ...alias } }) };
  const templates = { render: (text: string, given: Variables) => jinja.compile(text).render(given) };
  return {
    enabled: true,
    message: typeof format === 'string' ? jinja.compile(format).render(variables) : inShort(execution),
    ...(isJsonObject(extra) && { extra: renderValues(extra, () => variables, templates) }),
  };
}

/** Longer texts are cut; whoever wants all of it asks for the execution. */
const LONGEST = 2_000;

/** The lines of StackStorm's own template by which its bots know a failure (and show it in red) and the execution. */
function inShort({ id, status, action, elapsed_seconds: seconds, result }: JsonObject): string {
  const ref = isJsonObject(action) ? action.ref : '';
  const took = typeof seconds === 'number' ? ` after ${seconds.toFixed(1)} s` : '';
  const body = textOf(result ?? null);
  const cut = body.length > LONGEST ? `${body.slice(0, LONGEST)}… (${body.length} characters in all)` : body;
  const head = [`Action ${ref} completed${took}.`, `status : ${status}`, `execution: ${id}`];
  return [...head, ...(cut === '' ? [] : [cut])].join('\n');
}

/** What a person wants to see of a result: what was printed or answered, and what went wrong. */
function textOf(result: Json): string {
  if (!isJsonObject(result)) return plain(result);
  const { stdout, stderr, error, result: answer, body } = result;
  const parts = [answer ?? body ?? stdout, stderr, error]
    .map((part) => plain(part ?? null))
    .filter((part) => part !== '');
  if (parts.length > 0) return parts.join('\n');
  return 'stdout' in result || 'result' in result ? '' : plain(result);
}

function plain(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value.trim() : JSON.stringify(value, null, 2);
}
