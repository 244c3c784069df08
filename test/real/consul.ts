import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realComponent } from '../real.ts';
import { freePort, type RealServer, startServer } from './processes.ts';

/** The real Consul's program; undefined, with a line about it, when it is not there. */
export function consulProgram(): string | undefined {
  return realComponent('consul', 'consul');
}

/** Starts a real Consul agent in dev mode: one server in memory. Resolves when it has elected itself and takes writes. */
export async function startConsul(
  options: {
    /** The master token: with it access control is on, and what no policy allows is denied. */
    readonly token?: string;
  } = {},
  program = consulProgram(),
): Promise<RealServer> {
  if (program === undefined) throw new Error('there is no Consul to start');
  const [http, server, lan] = [await freePort(), await freePort(), await freePort()];
  const directory = await mkdtemp(join(tmpdir(), 'petrel-consul-'));
  const config = join(directory, 'config.json');
  const ports = { http, https: -1, grpc: -1, dns: -1, server, serf_lan: lan, serf_wan: -1 };
  const { token } = options;
  const acl = token !== undefined && { acl: { enabled: true, default_policy: 'deny', tokens: { master: token } } };
  await writeFile(config, JSON.stringify({ ports, disable_update_check: true, log_level: 'WARN', ...acl }));
  const headers = token === undefined ? {} : { 'x-consul-token': token };
  const url = `http://127.0.0.1:${http}`;
  const args = ['agent', '-dev', '-bind', '127.0.0.1', '-client', '127.0.0.1', '-config-file', config];
  const running = await startServer(url, program, args, async () => {
    const response = await fetch(`${url}/v1/kv/petrel-ready`, { method: 'PUT', body: 'yes', headers });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    await fetch(`${url}/v1/kv/petrel-ready`, { method: 'DELETE', headers });
  });
  return {
    url,
    async stop() {
      await running.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
