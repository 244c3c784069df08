import { type Command, Option } from 'commander';
import type { ServerOptions } from '../../server.ts';
import { addAttributes, addListing, collect, globals } from '../options.ts';

/** Commands about who one is and what one may: login, logout, whoami, user, apikey, role, audit. */
export function registerAccess(program: Command): void {
  const account = (command: Command) =>
    command
      .argument('[user]', 'by default the name of the account on this machine')
      .option(
        '-p, --password <password>',
        'the password; others on this machine may see it, so better let it be asked for',
      )
      .option('-l, --ttl <seconds>', 'how long the token is good; at most, and by default, a day')
      .addHelpText('after', '\nThe password is asked for, or the first line of standard input.');
  account(program.command('login').description('sign in at a server, and keep the token for the commands that follow'))
    .option('-w, --write-password', 'keep the password as well, in clear text, for when the token has ended')
    .action(async (user: string | undefined, _, command: Command) => {
      const { login } = await import('../commands/login.ts');
      await login(user, command.optsWithGlobals());
    });
  account(program.command('auth').description('sign in at a server, and print the token'))
    .option('-t, --only-token', 'print the token and nothing else')
    .action(async (user: string | undefined, _, command: Command) => {
      const { auth } = await import('../commands/login.ts');
      await auth(user, command.optsWithGlobals());
    });
  for (const [name, description] of [
    ['logout', 'end the token of the last login'],
    ['whoami', 'who one is, and with which roles'],
  ] as const) {
    program
      .command(name)
      .description(description)
      .action(async (_, command: Command) => {
        const commands = await import('../commands/login.ts');
        await commands[name](globals(command));
      });
  }

  const user = program.command('user').description('users, who sign in with a password');
  user
    .command('add')
    .description('the password is asked for, or the first line of standard input')
    .argument('<name>')
    .option('--role <role>', 'a role to begin with; may be repeated', collect, [])
    .action(async (name: string, _, command: Command) => {
      const { add } = await import('../commands/user.ts');
      await add(name, command.optsWithGlobals());
    });
  user
    .command('list')
    .description('all users')
    .action(async (_, command: Command) => {
      const { list } = await import('../commands/user.ts');
      await list(globals(command));
    });
  user
    .command('delete')
    .description('remove a user with tokens, API keys and roles')
    .argument('<name>')
    .action(async (name: string, _, command: Command) => {
      const { remove } = await import('../commands/user.ts');
      await remove(name, globals(command));
    });
  user
    .command('password')
    .description('change a password: one’s own, or as an administrator that of another')
    .argument('[name]')
    .action(async (name: string | undefined, _, command: Command) => {
      const { password } = await import('../commands/user.ts');
      await password(name, globals(command));
    });

  const apikey = program.command('apikey').description('API keys, for machines');
  apikey
    .command('create')
    .description('print a new key; it is said this once')
    .option('-u, --user <user>', 'for somebody else; administrators only')
    .option('-m, --metadata <json>', 'what it is for; @file reads a file')
    .addOption(new Option('-k, --only-key', 'what is printed in any case').hideHelp())
    .action(async (_, command: Command) => {
      const { create } = await import('../commands/apikey.ts');
      await create(command.optsWithGlobals());
    });
  addListing(apikey.command('list').description('one’s own; administrators see all'))
    .option('-u, --user <user>', 'only those of this user')
    .option('-d, --detail', 'every attribute')
    .addOption(new Option('--show-secrets', 'taken, and without effect: of a key only its hash is kept').hideHelp())
    .action(async (_, command: Command) => {
      const { list } = await import('../commands/apikey.ts');
      await list(command.optsWithGlobals());
    });
  addAttributes(
    apikey.command('get').description('one of them').argument('<ids...>', 'its id, or the key itself'),
  ).action(async (ids: string[], _, command: Command) => {
    const { get } = await import('../commands/apikey.ts');
    await get(ids, globals(command));
  });
  apikey
    .command('load')
    .description('make keys of another installation work here, by their hashes')
    .argument('<file>', 'YAML or JSON: user, key_hash, and perhaps metadata, enabled; one or a list')
    .action(async (file: string, _, command: Command) => {
      const { load } = await import('../commands/apikey.ts');
      await load(file, globals(command));
    });
  for (const [name, run, description] of [
    ['delete', 'remove', 'remove a key'],
    ['enable', 'enable', 'let a disabled key be used again'],
    ['disable', 'disable', 'let a key not be used for the time being'],
  ] as const) {
    apikey
      .command(name)
      .description(description)
      .argument('<id>', 'its id, or the key itself')
      .action(async (id: string, _, command: Command) => {
        const commands = await import('../commands/apikey.ts');
        await commands[run](id, globals(command));
      });
  }

  const role = program.command('role').description('roles, and who has them');
  addListing(role.command('list').description('all roles'))
    .option('-s, --system', 'only those that are always there')
    .action(async (_, command: Command) => {
      const { list } = await import('../commands/role.ts');
      await list(command.optsWithGlobals());
    });
  role
    .command('get')
    .description('what a role allows')
    .argument('<role>', 'ROLE')
    .action(async (name: string, _, command: Command) => {
      const { get } = await import('../commands/role.ts');
      await get(name, globals(command));
    });
  const assignment = program.command('role-assignment').description('who has which role, and why');
  for (const list of [role.command('assignments'), assignment.command('list')]) {
    addListing(list.description('who has which role, and why'))
      .option('-u, --user <user>', 'only those of this user')
      .option('-r, --role <role>', 'only this role')
      .option('-s, --source <source>', 'only those from there, e.g. local')
      .option('--remote', 'only those of an identity provider')
      .action(async (_, command: Command) => {
        const { assignments } = await import('../commands/role.ts');
        await assignments(command.optsWithGlobals());
      });
  }
  addAttributes(assignment.command('get').description('one of them').argument('<id>')).action(
    async (id: string, _, command: Command) => {
      const commands = await import('../commands/role.ts');
      await commands.assignment(id, globals(command));
    },
  );
  for (const [name, description] of [
    ['assign', 'give a role to a user'],
    ['revoke', 'take away a role that was given by hand'],
  ] as const) {
    role
      .command(name)
      .description(description)
      .argument('<user>')
      .argument('<role>')
      .action(async (who: string, what: string, _, command: Command) => {
        const commands = await import('../commands/role.ts');
        await commands[name](who, what, globals(command));
      });
  }
  role
    .command('reload')
    .description('read the role files of the server again')
    .action(async (_, command: Command) => {
      const { reload } = await import('../commands/role.ts');
      await reload(globals(command));
    });

  addListing(program.command('audit').description('who changed what, the newest first'), '50')
    .option('-u, --user <user>', 'only by this user')
    .option('--outcome <outcome>', 'done, denied or failed')
    .action(async (_, command: Command) => {
      const { audit } = await import('../commands/audit.ts');
      await audit(command.optsWithGlobals());
    });
}

/** Options of the server about who is let in, and where actions may go. */
export function accessOptions(command: Command): Command {
  return command
    .option('--roles <dir>', 'directory of role files; by default rbac/ in the data directory')
    .option('--public-url <url>', 'address of the server as browsers see it; with https, cookies are for TLS only')
    .option('--cors-origin <origin>', 'an origin whose pages may use the API; may be repeated', collect, [])
    .option('--trust-proxy', 'believe the last entry of X-Forwarded-For; only behind a proxy that adds it')
    .option('--no-api-key-in-url', 'take no API key from the address of a webhook')
    .option('--oidc-issuer <url>', 'let users sign in at this OpenID Connect provider')
    .option('--oidc-client-id <id>', 'what Petrel is called there')
    .addOption(new Option('--oidc-client-secret <secret>', 'its secret there').env('PETREL_OIDC_CLIENT_SECRET'))
    .option('--oidc-user-claim <claim>', 'the claim that is the user’s name', 'preferred_username')
    .option('--oidc-groups-claim <claim>', 'the claim that lists the user’s groups', 'groups')
    .option('--http-allow <network>', 'where http-request may go all the same; may be repeated', collect, [])
    .option('--http-deny <network>', 'where http-request may not go: a network, loopback, private', collect, []);
}

export interface AccessServerOptions {
  readonly roles?: string;
  readonly publicUrl?: string;
  readonly corsOrigin: readonly string[];
  readonly trustProxy?: boolean;
  readonly apiKeyInUrl: boolean;
  readonly oidcIssuer?: string;
  readonly oidcClientId?: string;
  readonly oidcClientSecret?: string;
  readonly oidcUserClaim: string;
  readonly oidcGroupsClaim: string;
  readonly httpAllow: readonly string[];
  readonly httpDeny: readonly string[];
}

/** These as the server takes them. */
export function accessSettings(options: AccessServerOptions): Pick<ServerOptions, 'roles' | 'api' | 'oidc' | 'http'> {
  const { roles, publicUrl, oidcIssuer, oidcClientId, oidcClientSecret } = options;
  return {
    ...(roles !== undefined && { roles }),
    api: {
      corsOrigins: options.corsOrigin,
      trustProxy: options.trustProxy === true,
      apiKeyInUrl: options.apiKeyInUrl ? 'webhooks' : 'never',
      ...(publicUrl !== undefined && { publicUrl: publicUrl.replace(/\/+$/, '') }),
    },
    http: { allow: options.httpAllow, deny: options.httpDeny },
    ...(oidcIssuer !== undefined && {
      oidc: {
        issuer: oidcIssuer,
        clientId: oidcClientId ?? 'petrel',
        userClaim: options.oidcUserClaim,
        groupsClaim: options.oidcGroupsClaim,
        ...(oidcClientSecret !== undefined && { clientSecret: oidcClientSecret }),
      },
    }),
  };
}
