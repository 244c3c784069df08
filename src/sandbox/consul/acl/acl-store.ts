import { createHash, randomUUID } from 'node:crypto';
import { ConsulError } from '../answers.ts';
import { type Access, accessOf, EVERYTHING, parseRules, type Rules } from './rules.ts';

export interface Policy {
  readonly ID: string;
  readonly Name: string;
  readonly Description: string;
  readonly Rules: string;
  readonly Hash: string;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

export interface Token {
  readonly AccessorID: string;
  readonly SecretID: string;
  readonly Description: string;
  /** Ids of policies; those that are gone count for nothing. */
  readonly policies: readonly string[];
  readonly CreateTime: string;
  readonly CreateIndex: number;
  readonly ModifyIndex: number;
}

export const MANAGEMENT = '00000000-0000-0000-0000-000000000001';
export const ANONYMOUS = '00000000-0000-0000-0000-000000000002';

/** Policies and tokens of a Consul with `default_policy: deny`. */
export class AclStore {
  readonly policies = new Map<string, Policy>();
  readonly tokens = new Map<string, Token>();
  readonly #rules = new Map<string, Rules>();
  readonly #now: () => number;
  // The same as in a fresh Consul is of no importance; only that it grows.
  #index = 1;

  constructor(masterToken: string, now: () => number) {
    this.#now = now;
    const management = { ID: MANAGEMENT, Name: 'global-management' };
    this.writePolicy({ ...management, Description: 'Builtin Policy that grants unlimited access', Rules: '' });
    const master = { AccessorID: randomUUID(), SecretID: masterToken, Description: 'Master Token' };
    this.writeToken({ ...master, policies: [MANAGEMENT] });
    const anonymous = { AccessorID: ANONYMOUS, SecretID: 'anonymous', Description: 'Anonymous Token' };
    this.writeToken({ ...anonymous, policies: [] });
  }

  /** What the bearer of a token may do; without one it is the anonymous token's. Throws 403 for one that there is not. */
  accessOf(secretId: string): Access {
    const { policies } = this.tokenOf(secretId);
    if (policies.includes(MANAGEMENT)) return EVERYTHING;
    return accessOf(policies.flatMap((id) => this.#rules.get(id) ?? []));
  }

  tokenOf(secretId: string): Token {
    const wanted = secretId === '' ? 'anonymous' : secretId;
    const token = [...this.tokens.values()].find(({ SecretID }) => SecretID === wanted);
    if (token === undefined) throw new ConsulError(403, 'ACL not found');
    return token;
  }

  writePolicy(policy: Pick<Policy, 'ID' | 'Name' | 'Description' | 'Rules'>): Policy {
    const rules = parseRules(policy.Rules);
    const before = this.policies.get(policy.ID);
    this.#index += 1;
    const Hash = createHash('sha256').update(JSON.stringify(policy)).digest('base64');
    const written = { ...policy, Hash, CreateIndex: before?.CreateIndex ?? this.#index, ModifyIndex: this.#index };
    this.policies.set(policy.ID, written);
    this.#rules.set(policy.ID, rules);
    return written;
  }

  deletePolicy(id: string): void {
    this.policies.delete(id);
    this.#rules.delete(id);
  }

  writeToken(token: Pick<Token, 'AccessorID' | 'SecretID' | 'Description' | 'policies'>): Token {
    const before = this.tokens.get(token.AccessorID);
    this.#index += 1;
    const written = {
      ...token,
      CreateTime: before?.CreateTime ?? new Date(this.#now()).toISOString(),
      CreateIndex: before?.CreateIndex ?? this.#index,
      ModifyIndex: this.#index,
    };
    this.tokens.set(token.AccessorID, written);
    return written;
  }
}
