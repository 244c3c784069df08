import { z } from 'petrel/sdk';

const isPath = (path: string) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

/** A secret's path below the mount. Dotted parts are refused: in a URL they would lead out of the mount. */
export const pathParameter = z
  .string()
  .min(1)
  .refine(isPath, 'must not begin or end with a slash nor have an empty, "." or ".." part')
  .describe('Path of the secret below the mount, e.g. databases/orders.');

export const folderParameter = z
  .string()
  .refine(
    (path) => path === '' || isPath(path.replace(/\/$/, '')),
    'must not begin with a slash nor have an empty, "." or ".." part',
  )
  .describe('Path of a folder below the mount.');
