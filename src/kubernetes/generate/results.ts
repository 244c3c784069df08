import { at, type Cursor, follow, membersOf, textAt } from '../openapi/cursor.ts';
import { type Type, type TypeScope, textOf, typeOf, union } from './types.ts';

/** What a successful answer is. */
export interface Result {
  readonly kind: 'json' | 'text' | 'blob' | 'nothing' | 'lines';
  readonly type: string;
  /** The media type to ask for. */
  readonly accept: string;
  /** The schema of a JSON answer, for those who look into it. */
  readonly schema?: Cursor;
}

interface Answer {
  readonly media: string;
  readonly schema: Cursor;
}

const isLines = (media: string): boolean =>
  /^application\/(x-ndjson|ndjson|jsonl|x-jsonlines|json-seq)\b/.test(media) || /json;\s*stream=watch/.test(media);
const isJson = (media: string): boolean => /[/+]json\b/.test(media) && !isLines(media);
const isText = (media: string): boolean => /^text\//.test(media) || /[/+](?:x-)?(yaml|xml)\b/.test(media);

/** Of several successful answers the types are joined; one without content adds undefined. */
export function resultOf(scope: TypeScope, operation: Cursor): Result {
  const successes = successfulResponses(scope, operation).map((response) => answersOf(response));
  const chosen = successes.map(chooseAnswer);
  const [first] = chosen.filter((one) => one !== undefined);
  if (first === undefined) return { kind: 'nothing', type: 'void', accept: '*/*' };
  const kind = kindOf(scope, first, successes.flat());
  const accept = kind === 'text' && isJson(first.media) ? 'text/plain' : first.media;
  const types = chosen.map((one): Type => {
    if (one === undefined) return ['undefined'];
    if (kind === 'text') return ['string'];
    return kind === 'blob' ? ['Blob'] : typeOf(scope, one.schema, { indent: '' });
  });
  return { kind, type: textOf(union(types)), accept, schema: first.schema };
}

function successfulResponses(scope: TypeScope, operation: Cursor): readonly Cursor[] {
  const responses = membersOf(at(operation, 'responses')).filter(([code]) => !code.startsWith('x-'));
  const good = responses.filter(([code]) => /^2/.test(code));
  const chosen = good.length > 0 ? good : responses.filter(([code]) => code === 'default');
  return chosen.map(([, response]) => follow(scope.root, response));
}

function answersOf(response: Cursor): readonly Answer[] {
  return membersOf(at(response, 'content')).map(([media, content]) => ({ media, schema: at(content, 'schema') }));
}

function chooseAnswer(answers: readonly Answer[]): Answer | undefined {
  const exact = answers.find(({ media }) => media === 'application/json');
  const like = answers.find(({ media }) => isJson(media)) ?? answers.find(({ media }) => isLines(media));
  return exact ?? like ?? answers[0];
}

function kindOf(scope: TypeScope, { media, schema }: Answer, all: readonly Answer[]): Result['kind'] {
  if (isLines(media)) return 'lines';
  const resolved = follow(scope.root, schema);
  const text = textAt(at(resolved, 'type')) === 'string';
  const binary = text && textAt(at(resolved, 'format')) === 'binary';
  // Kubernetes offers a log as a JSON text, too, and sends the bare text.
  if (isJson(media)) return text && all.some((one) => one.media === 'text/plain') ? 'text' : 'json';
  if (isText(media)) return 'text';
  if (media !== '*/*') return 'blob';
  if (binary) return 'blob';
  return text ? 'text' : 'json';
}
