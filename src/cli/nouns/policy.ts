import type { Command } from 'commander';
import { addReading, addSwitch, addWriting, type Collection, OF_PACK } from './collection.ts';

const POLICY: Collection<'/policies'> = { path: '/policies', one: 'policy', name: 'PACK.POLICY' };

/** `petrel policy` and `policy-type`. */
export function registerPolicy(program: Command): void {
  const policy = program.command('policy').description('how many run at one time, and what is requested again');
  addReading(policy, POLICY, {
    about: 'registered policies',
    filters: [
      OF_PACK,
      { flags: '-r, --resource-ref <action>', about: 'only those for this action' },
      { flags: '--policy-type <type>', about: 'only of this type; also -pt' },
    ],
  });
  addWriting(policy, POLICY);
  addSwitch(policy, POLICY);
  addReading(
    program.command('policy-type').description('what a policy can be'),
    { path: '/policytypes', one: 'type of policies, with its parameters', name: 'TYPE' },
    {
      about: 'types of policies',
      filters: [{ flags: '-r, --resource-type <type>', about: 'only for this type of resource' }],
    },
  );
}
