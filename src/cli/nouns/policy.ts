import type { Command } from 'commander';
import { addReading, addSwitch, addWriting, type Collection } from './collection.ts';

const POLICY: Collection = { path: '/policies', one: 'policy', name: 'PACK.POLICY' };

/** `petrel policy`. */
export function registerPolicy(program: Command): void {
  const policy = program.command('policy').description('how many run at one time, and what is requested again');
  addReading(policy, POLICY, {
    about: 'registered policies',
    filters: {
      pack: 'only those of this pack',
      resource_ref: 'only those for this action',
      policy_type: 'only of this type',
    },
  });
  addWriting(policy, POLICY);
  addSwitch(policy, POLICY);
}
