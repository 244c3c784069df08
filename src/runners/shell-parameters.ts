import type { ParameterSchemas } from '../model/index.ts';

/** What both local shell runners take; `timeout` in seconds. */
export const SHELL_PARAMETERS: ParameterSchemas = {
  cwd: { type: 'string', description: 'Working directory of the command.' },
  env: { type: 'object', description: 'Environment variables of the command (e.g. key1=val1,key2=val2).' },
  kwarg_op: { type: 'string', description: 'Prefix of named arguments, e.g. "--" or "-".', default: '--' },
  sudo: { type: 'boolean', description: 'Run the command with sudo.', default: false },
  sudo_password: {
    type: 'string',
    description: 'Password for sudo, when it asks for one.',
    default: null,
    secret: true,
  },
  timeout: { type: 'integer', description: 'Seconds until the command is ended.', default: 60 },
};
