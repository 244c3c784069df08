import { type Answer, createClient, type Method, type Server } from '../src/client/index.ts';

/** One request to the API, below its version. */
export async function call(server: Server, method: Method, path: string, body?: unknown): Promise<Answer> {
  return await createClient(server).request(method, path, body);
}
