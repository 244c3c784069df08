import type { Operations } from './api-types.ts';
import { createStreams, type Streams } from './events.ts';
import { type Arguments, addressOf, type Listing, type Operation } from './operations.ts';
import { type Answer, credentials, type Method, type Server, send } from './transport.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** How many there are without paging. */
  readonly total: number;
}

type ItemOf<O extends Listing> = Operations[O]['answer'] extends readonly (infer T)[] ? T : never;

/** Every method throws `PetrelError` with the server's own words; see `send`. */
export interface Client extends Streams {
  /** One operation of the API. With `include_attributes` or `exclude_attributes`, fields are missing that the type promises. */
  call<O extends Operation>(operation: O, ...asked: Arguments<O>): Promise<Operations[O]['answer']>;
  /** One page of a list; by default its first 100 items. */
  page<O extends Listing>(operation: O, ...asked: Arguments<O>): Promise<Page<ItemOf<O>>>;
  /** All items of a list, a page at a time (`limit` is its size). What comes in meanwhile is not given twice. */
  all<O extends Listing>(operation: O, ...asked: Arguments<O>): AsyncGenerator<ItemOf<O>>;
  /** An address below the API's version that the OpenAPI document does not describe, such as a webhook. */
  request(method: Method, path: string, body?: unknown): Promise<Answer>;
}

const PAGE = 100;

export function createClient(server: Server): Client {
  const url = server.url.replace(/\/+$/, '');
  const { api = `${url}/api/v1` } = server;
  const headers = credentials(server);

  const request: Client['request'] = (method, path, body) => send(`${api}${path}`, method, headers, body);

  /** `asked` as the types of `call` have checked it. */
  const ask = (operation: Operation, asked: Loose = {}) => {
    const [method = '', template = ''] = operation.split(' ');
    return request(method as Method, addressOf(template, asked.path, asked.query), asked.body); // of an operation's name
  };

  async function page<O extends Listing>(operation: O, ...[asked]: Arguments<O>): Promise<Page<ItemOf<O>>> {
    const { body, total } = await ask(operation, asked as Loose | undefined); // widened
    const items = body as unknown as readonly ItemOf<O>[]; // as the document says
    return { items, total: total ?? items.length };
  }

  async function* all<O extends Listing>(operation: O, ...[asked]: Arguments<O>): AsyncGenerator<ItemOf<O>> {
    const { query, ...rest }: Loose = (asked ?? {}) as Loose; // widened
    const limit = Number(query?.limit ?? PAGE);
    const given = new Set<unknown>();
    for (let offset = Number(query?.offset ?? 0); ; offset += limit) {
      const next = { ...rest, query: { ...query, limit, offset } } as unknown as Arguments<O>[0]; // what was asked, and a page
      const { items, total } = await page(operation, ...([next] as Arguments<O>));
      for (const item of items) {
        // A list of the newest first grows at its front: its pages move on.
        const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
        if (id !== undefined && given.has(id)) continue;
        given.add(id);
        yield item;
      }
      if (limit < 1 || items.length === 0 || offset + items.length >= total) return;
    }
  }

  return {
    async call(operation, ...[asked]) {
      const { body } = await ask(operation, asked as Loose | undefined); // widened
      return (body === '' ? undefined : body) as never; // as the document says
    },
    page,
    all,
    request,
    ...createStreams({ stream: server.stream ?? `${url}/stream/v1`, headers }),
  };
}

/** Any `Asked`. */
interface Loose {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly body?: unknown;
}
