import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessServer, basic, PASSWORD, startAccessServer } from './access-server.ts';

let house: AccessServer;
beforeAll(async () => {
  house = await startAccessServer({
    api: { trustProxy: true },
    // A login takes its time on purpose; the limits that are the default are held in test/access.
    logins: { user: { limit: 3, window: 60_000 }, address: { limit: 6, window: 60_000 } },
  });
});
afterAll(() => house.stop());

/** From an address of its own, as a proxy would say. */
const login = (user: string, password: string, address: string) =>
  house.ask(undefined, 'POST', '/auth/v1/tokens', {}, { ...basic(user, password), 'x-forwarded-for': address });

describe('logins that fail', () => {
  it('are limited for a user, from wherever they come, and say when to try again', async () => {
    const tries = Array.from({ length: 5 }, (_, times) => login('obi', 'wrong horses', `10.0.0.${times}`));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([401, 401, 401, 429, 429]);
    const right = await login('obi', PASSWORD, '10.0.0.99');
    expect(right.status).toBe(429);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(right.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    // Nobody else is locked out.
    expect((await login('nil', PASSWORD, '10.0.0.99')).status).toBe(201);
  });

  it('are limited for an address, whatever names it tries', async () => {
    const tries = Array.from({ length: 8 }, (_, times) => login(`made-up-${times}`, 'wrong horses', '10.1.1.1'));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([...Array(6).fill(401), 429, 429]);
    expect((await login('ada', PASSWORD, '10.1.1.2')).status).toBe(201);
  });

  it('are not moved to another address by what the client itself writes', async () => {
    const tries = Array.from({ length: 8 }, (_, times) =>
      login(`moved-${times}`, 'wrong horses', `10.4.0.${times}, 10.4.1.1`),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([...Array(6).fill(401), 429, 429]);
  });

  it('do not stop those who are right, however many they are behind one address', async () => {
    for (let times = 0; times < 8; times += 1) expect((await login('sue', PASSWORD, '10.2.2.2')).status).toBe(201);
  });

  it('take as long for a user who is there as for one who is not', async () => {
    const time = async (user: string, address: string) => {
      const began = performance.now();
      await login(user, 'wrong horses', address);
      return performance.now() - began;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let times = 0; times < 3; times += 1) {
      known.push(await time('sam', `10.3.0.${times}`));
      unknown.push(await time(`nobody-${times}`, `10.3.1.${times}`));
    }
    // Without the work for nobody it would be some 2 ms against 200; the least of each hides the load of the machine.
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 2);
    expect(Math.min(...known)).toBeGreaterThan(Math.min(...unknown) / 2);
  });
});
