// Petrel, built, with waits that are short, for tests that cannot wait minutes for a half-open socket: data directory, packs, kubeconfig and
// the milliseconds after which a silent watch is dead as arguments. Prints its URL as `petrel start --json` does.
import { startServer } from '../../dist/server.js';

const [data, packs, kubeconfig, silence] = process.argv.slice(2);
const timing = {
  pageSize: 20,
  serverTimeout: [1, 4],
  silence: Number(silence),
  overdue: 300,
  listSilence: Number(silence),
  instant: 20,
  failure: { first: 10, max: 200 },
  missing: { first: 10, max: 200 },
};
const server = await startServer({
  data,
  packs: [packs],
  kubernetes: { kubeconfig, timing },
  port: 0,
  logLevel: 'warn',
  logFile: `${data}.log`,
});
console.log(JSON.stringify({ url: server.url }));
