import { send, type Token } from '../client/index.ts';

/** Has a token made for a user, at the server whose routes of authentication are at `auth`. `ttl`: seconds. Errors as `send`. */
export async function signIn(auth: string, user: string, password: string, ttl?: number): Promise<Token> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const wish = { nickname_origin: 'petrel', ...(ttl !== undefined && { ttl }) };
  const { body } = await send(`${auth}/tokens`, 'POST', { authorization }, wish);
  return body as unknown as Token; // the answer of this route
}
