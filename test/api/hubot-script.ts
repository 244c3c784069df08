import { createRequire } from 'node:module';
import type { Response, Robot } from 'hubot';
import type { JsonObject } from '../../src/model/index.ts';

/** StackStorm's JavaScript client, as far as its script for Hubot uses it. */
interface Client {
  readonly actionAlias: { list(query: object): Promise<readonly Alias[]> };
  readonly aliasExecution: { create(payload: object): Promise<Started> };
  readonly executions: { create(payload: object): Promise<JsonObject> };
  readonly stream: { listen(): Promise<Source> };
  authenticate(user: string, password: string): Promise<{ readonly token: string; readonly expiry: string }>;
  setToken(token: { readonly token: string }): void;
  setKey(key: { readonly key: string }): void;
  close(): void;
}
interface Source {
  reconnectInterval: number;
  close(): void;
  on(name: 'open' | 'error', listener: () => void): void;
  addEventListener(name: string, listener: (event: { readonly data: string }) => void): void;
}
interface Alias {
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly formats: readonly (string | { readonly display: string; readonly representation: readonly string[] })[];
  readonly extra: { readonly security?: { readonly twofactor?: boolean } };
}
interface Started {
  readonly execution: { readonly id: string; readonly web_url?: string };
  readonly actionalias: { readonly ack?: { readonly enabled?: boolean; readonly append_url?: boolean } };
  readonly message?: string;
}
interface Announced {
  readonly user?: string | null;
  readonly channel: string;
  readonly message: string;
  readonly whisper?: boolean;
}

// It is a CommonJS module without types.
const connect = createRequire(import.meta.url)('st2client') as (options: object) => Client;

export interface ScriptSettings {
  /** The addresses of ST2_API_URL, ST2_AUTH_URL and ST2_STREAM_URL. */
  readonly api: string;
  readonly auth: string;
  readonly stream: string;
  readonly credentials: { readonly user: string; readonly password: string } | { readonly key: string };
  /** The action of HUBOT_2FA. */
  readonly twoFactor?: string;
}

export interface Script {
  /** Petrel's answers to the commands that it took. */
  readonly started: readonly Started[];
  /** Everything that was announced on the route `chatops`, as it came. */
  readonly announced: readonly JsonObject[];
  /** Learns the aliases anew, as it does every two minutes. */
  learn(): Promise<void>;
  stop(): void;
}

/** Does to Petrel what StackStorm's script for Hubot does to StackStorm, over the client and the EventSource that it uses. */
export async function stackstorm(robot: Robot, settings: ScriptSettings): Promise<Script> {
  const client = connect({ ...partsOf(settings.api), stream: partsOf(settings.stream), rejectUnauthorized: true });
  if ('key' in settings.credentials) client.setKey(settings.credentials);
  else {
    const { user, password } = settings.credentials;
    const signing = connect({ auth: partsOf(settings.auth), rejectUnauthorized: true });
    client.setToken(await signing.authenticate(user, password));
    signing.close();
  }

  let commands: { readonly pattern: RegExp; readonly format: string; readonly alias: Alias }[] = [];
  let help: readonly string[] = [];
  const learn = async () => {
    const aliases = (await client.actionAlias.list({ limit: -1 })).filter(({ enabled }) => enabled);
    for (const line of help) robot.commands.splice(robot.commands.indexOf(line), 1);
    const formats = aliases.flatMap((alias) => alias.formats.map((format) => ({ alias, format })));
    commands = formats.flatMap(({ alias, format: given }) =>
      (typeof given === 'string' ? [given] : given.representation).map((format) => ({
        pattern: patternOf(format),
        format,
        alias,
      })),
    );
    help = formats.map(
      ({ alias, format }) => `hubot ${typeof format === 'string' ? format : format.display} - ${alias.description}`,
    );
    robot.commands.push(...help);
  };
  await learn();

  const started: Started[] = [];
  const waiting = new Map<string, () => Promise<void>>();
  const start = async (response: Response, payload: object) => {
    const { room, user } = response.message;
    try {
      const answer = await client.aliasExecution.create(payload);
      started.push(answer);
      await acknowledge(response, answer);
    } catch (error) {
      const { message } = error as { message: string }; // what the client throws has one
      await post(robot, { user: user.name, channel: room, message: `I may not do that: ${message}` });
    }
  };
  robot.respond(/([\s\S]+?)$/i, async (response) => {
    const command = response.match[1] ?? '';
    const found = commands.find(({ pattern }) => pattern.test(command));
    if (found === undefined) return;
    const { message, envelope } = response;
    const payload = {
      name: found.alias.name,
      format: found.format,
      command,
      user: message.user.name,
      source_channel: message.room,
      source_context: envelope,
      notification_route: 'hubot',
    };
    const action = settings.twoFactor;
    if (action === undefined || found.alias.extra.security?.twofactor !== true) return start(response, payload);
    const uuid = `second-${waiting.size}`;
    waiting.set(uuid, () => start(response, payload));
    await response.send('Waiting for your confirmation.');
    const parameters = { uuid, user: message.user.name, channel: message.room, hint: found.alias.description };
    await client.executions.create({ action, parameters });
  });
  robot.respond(/help$/, async (response) => response.send(robot.helpCommands().join('\n')));

  const announced: JsonObject[] = [];
  const source = await client.stream.listen();
  source.reconnectInterval = 50;
  source.on('error', () => undefined); // it connects again
  await new Promise<void>((resolve) => source.on('open', resolve));
  source.addEventListener('st2.announcement__chatops', ({ data }) => {
    const event = JSON.parse(data) as { payload: JsonObject & Announced }; // as the pack chatops announces
    announced.push(event);
    void post(robot, event.payload);
  });
  source.addEventListener('st2.announcement__2fa', ({ data }) => {
    const { payload } = JSON.parse(data) as { payload: { uuid: string } }; // as the action of the second factor announces
    void waiting.get(payload.uuid)?.();
  });
  return { started, announced, learn, stop: () => source.close() };
}

async function acknowledge(response: Response, { execution, actionalias, message }: Started): Promise<void> {
  if (actionalias.ack?.enabled === false) return;
  const link = execution.web_url === undefined || actionalias.ack?.append_url === false ? '' : ` ${execution.web_url}`;
  await response.send(`${message || `Your execution is ${execution.id}.`}${link}`);
}

async function post(robot: Robot, { user, channel, message, whisper }: Announced): Promise<void> {
  if (whisper && user) await robot.messageRoom(user, message);
  else await robot.messageRoom(channel, `${user ? `${user}: ` : ''}${message}`);
}

/** A format as a regular expression of JavaScript's: its parameters hold anything, those with a default may be missing, pairs may follow. */
function patternOf(format: string): RegExp {
  const parts = format.split(/\s*\{\{(.+?)\}\}\s*/);
  const source = parts
    .map((part, index) => (index % 2 === 0 ? part : `\\s*([\\s\\S]+?)${part.includes('=') ? '?' : ''}\\s*`))
    .join('');
  return new RegExp(`^\\s*${source}(\\s+\\S+=\\S+)*\\s*$`);
}

function partsOf(address: string) {
  const { protocol, hostname, port, pathname } = new URL(address);
  return { protocol: protocol.slice(0, -1), host: hostname, port, prefix: pathname };
}
