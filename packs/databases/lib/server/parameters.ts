import { secret, z } from 'petrel/sdk';

export const ENGINES = ['mysql', 'mariadb', 'postgres'] as const;

export type Engine = (typeof ENGINES)[number];

export const engineParameter = z.enum(ENGINES).describe('What the server is.');

export const ownerParameter = z
  .object({
    name: z.string().min(1).describe('What its database and users are called after.'),
    tag: z.string().min(1).describe('Whose they are; the server keeps it, and what carries another one is refused.'),
  })
  .describe('Whose database it is.');

export const serverParameter = z
  .object({
    host: z.string().min(1),
    port: z.number().int().min(1).max(65535),
    admin_username: z.string().min(1).describe('Of a user that may create databases and users.'),
    admin_password: secret(z.string()),
    tls: z
      .object({
        ca: z.string().optional().describe('The certificate authority, PEM. Default: those that Node knows.'),
        verify: z.boolean().default(true).describe("Whether the server's certificate must be good."),
      })
      .nullish()
      .describe('Absent: the connection is not encrypted.'),
  })
  .describe('The server, and how to work on it.');

export type ServerSettings = z.output<typeof serverParameter>;

export type Owner = z.output<typeof ownerParameter>;

/** Outages of a few minutes are waited out. Waits double from one second to half a minute. */
export const RETRY = { count: 8, delay: 1, maxDelay: 30 };
