import type { ParameterSchemas } from '../../model/index.ts';
import { SHELL_PARAMETERS } from '../shell-parameters.ts';

/** What both remote shell runners take (stackstorm-packs.md, section 5.4). */
export const REMOTE_PARAMETERS: ParameterSchemas = {
  ...SHELL_PARAMETERS,
  hosts: {
    type: 'string',
    description: 'Where to run: names or addresses with commas between them, each with a port if need be (web1:2222).',
    required: true,
  },
  username: { type: 'string', description: "Whom to log in as; default: the server's ssh user (stanley)." },
  password: { type: 'string', description: 'Password to log in with.', secret: true },
  private_key: {
    type: 'string',
    description: "Key to log in with, or the path of its file; default: the server's ssh key.",
    secret: true,
  },
  passphrase: { type: 'string', description: 'Passphrase of the key, if it has one.', secret: true },
  port: { type: 'integer', description: 'Port of hosts that name none; default 22.' },
  bastion_host: { type: 'string', description: 'A host to go through (host:port), logged in to in the same way.' },
  parallel: {
    type: 'boolean',
    description: 'Hosts run at the same time; always so.',
    default: true,
    immutable: true,
  },
  dir: { type: 'string', description: 'Where on the hosts scripts are copied to, and removed from.', default: '/tmp' },
  cwd: { type: 'string', description: 'Working directory of the command on the hosts.', default: '/tmp' },
};
