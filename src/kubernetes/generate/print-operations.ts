import { docComment } from './comments.ts';
import { literal, propertyAccess, propertyKey } from './names.ts';
import type { Operation } from './operations.ts';

/** The functions of one group as the text of a module, after its head. */
export function printOperations(operations: readonly Operation[]): string {
  return operations.map(printOperation).join('\n');
}

/** What a group's functions import from the runtime. */
export function runtimeImports(operations: readonly Operation[]): readonly string[] {
  const functions = operations.flatMap((one) => [
    ...(one.stream?.replaces === true ? [] : [REQUESTS[one.result.kind]]),
    ...(one.stream === undefined ? [] : [one.stream.kind === 'text' ? 'streamText' : 'streamLines']),
  ]);
  const events = operations.some((one) => one.stream?.kind === 'events') ? ['type WatchEvent'] : [];
  const shared = operations.some(isShared) ? ['type RequestDescription'] : [];
  const bare = (name: string) => name.replace('type ', '');
  const all = new Set(['type Client', 'type RequestOptions', ...events, ...shared, ...functions]);
  return [...all].sort((a, b) => (bare(a).toLowerCase() < bare(b).toLowerCase() ? -1 : 1));
}

const REQUESTS = {
  json: 'requestJson',
  text: 'requestText',
  blob: 'requestBlob',
  nothing: 'requestNothing',
  lines: 'requestJson',
} as const;

/** Read at once or as a stream: two functions with one request. */
const isShared = (operation: Operation): boolean => operation.stream !== undefined && !operation.stream.replaces;

function printOperation(operation: Operation): string {
  const takes = takesParameters(operation);
  const request = requestText(operation, isShared(operation));
  if (!isShared(operation)) {
    return [printParameters(operation), printFunction(operation, request)].filter((part) => part !== '').join('\n');
  }
  const helper = operation.stream?.requestName ?? '';
  const argument = takes ? 'parameters' : '';
  const signature = takes
    ? `(\n  parameters: ${operation.parametersName},\n  streamed: boolean,\n)`
    : '(streamed: boolean)';
  const call = (streamed: boolean) =>
    `${helper}(${[argument, String(streamed)].filter((one) => one !== '').join(', ')})`;
  const plain = { ...operation, stream: undefined };
  return [
    printParameters(operation),
    printFunction(plain, call(false)),
    printFunction(operation, call(true)),
    `function ${helper}${signature}: RequestDescription {\n  return ${request};\n}\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function takesParameters({ parameters, body }: Operation): boolean {
  return parameters.length > 0 || body !== undefined;
}

function choiceOf({
  body,
}: Operation): { readonly choice: readonly string[]; readonly fallback: string | undefined } | undefined {
  return body !== undefined && 'choice' in body.contentType ? body.contentType : undefined;
}

function isOptional(operation: Operation): boolean {
  const choice = choiceOf(operation);
  const asks = operation.body?.required === true || (choice !== undefined && choice.fallback === undefined);
  return !asks && operation.parameters.every((one) => !one.required);
}

function printParameters(operation: Operation): string {
  if (!takesParameters(operation)) return '';
  const { parameters, body, parametersName } = operation;
  const lines = parameters.map(
    (one) => `${one.comment}  ${propertyKey(one.key)}${one.required ? '' : '?'}: ${one.type};\n`,
  );
  if (body !== undefined) lines.push(`${body.comment}  body${body.required ? '' : '?'}: ${body.type};\n`);
  const choice = choiceOf(operation);
  if (choice !== undefined) {
    const { choice: types, fallback } = choice;
    const comment = fallback === undefined ? 'How the server is to read the body.' : `Default: ${fallback}.`;
    const union = types.map(literal).join(' | ');
    const text = union.length < 90 ? ` ${union}` : types.map((type) => `\n    | ${literal(type)}`).join('');
    lines.push(`${docComment(comment, '  ')}  contentType${fallback === undefined ? '' : '?'}:${text};\n`);
  }
  return `${docComment(`Parameters of ${operation.name}.`)}export interface ${parametersName} {\n${lines.join('')}}\n`;
}

function printFunction(operation: Operation, request: string): string {
  const { name, parametersName, description, result, stream } = operation;
  const parameters = takesParameters(operation)
    ? `  parameters: ${parametersName}${isOptional(operation) ? ' = {}' : ''},\n`
    : '';
  const item = stream?.kind === 'events' ? `WatchEvent<${stream.type}>` : stream?.type;
  const returned = stream === undefined ? `Promise<${result.type}>` : `AsyncGenerator<${item}, void, undefined>`;
  const call = stream === undefined ? REQUESTS[result.kind] : stream.kind === 'text' ? 'streamText' : 'streamLines';
  const generic = call === 'requestJson' ? `<${result.type}>` : call === 'streamLines' ? `<${item}>` : '';
  const how = stream === undefined || stream.replaces ? '' : `${streamNote(stream.kind)}\n\n`;
  return [
    docComment(how + description),
    `export function ${stream?.name ?? name}(\n  client: Client,\n${parameters}  options?: RequestOptions,\n): ${returned} {\n`,
    `  return ${call}${generic}(client, ${request}, options);\n}\n`,
  ].join('');
}

const streamNote = (kind: 'events' | 'lines' | 'text'): string =>
  kind === 'events'
    ? 'As a watch: every change from now on, until the server or you end it.'
    : 'As a stream: the answer as it comes.';

/** The request as an object literal, inside a function. */
function requestText(operation: Operation, shared: boolean): string {
  const { stream } = operation;
  const sent = operation.parameters.map(({ in: place, name, key, style }) => {
    const options = Object.entries(style).map(
      ([option, value]) => `${option}: ${typeof value === 'string' ? literal(value) : value}`,
    );
    const parts = [literal(place), literal(name), `parameters${propertyAccess(key)}`];
    if (options.length > 0) parts.push(`{ ${options.join(', ')} }`);
    return `      [${parts.join(', ')}],\n`;
  });
  if (stream?.fixed !== undefined) {
    const value = shared ? `streamed ? ${stream.fixed.value} : undefined` : String(stream.fixed.value);
    sent.push(`      ['query', ${literal(stream.fixed.name)}, ${value}],\n`);
  }
  const accept = stream?.replaces === true && stream.kind === 'events' ? 'application/json' : operation.result.accept;
  return [
    '{\n',
    `    method: ${literal(operation.method)},\n`,
    `    path: ${literal(operation.path)},\n`,
    sent.length === 0 ? '' : `    parameters: [\n${sent.join('')}    ],\n`,
    bodyText(operation),
    `    accept: ${literal(accept)},\n`,
    '  }',
  ].join('');
}

function bodyText(operation: Operation): string {
  const { body } = operation;
  if (body === undefined) return '';
  const choice = choiceOf(operation);
  const fallback = choice?.fallback === undefined ? '' : ` ?? ${literal(choice.fallback)}`;
  const type = 'fixed' in body.contentType ? literal(body.contentType.fixed) : `parameters.contentType${fallback}`;
  return `    body: parameters.body,\n    contentType: ${type},\n`;
}
