import { existsSync } from 'node:fs';
import { PetrelError } from '../../model/index.ts';

/** Where a pack is to come from. */
export type Origin =
  | { readonly kind: 'folder'; readonly path: string }
  | {
      readonly kind: 'git';
      readonly url: string;
      /** Branch, tag or commit. Absent: what the repository calls its head. */
      readonly ref?: string;
      /** Folder of the repository that is the pack. Absent: all of it. */
      readonly folder?: string;
    };

const URL_FORM = /^(?:https?|ssh|git|file):\/\/|^[\w.-]+@[\w.-]+:(?!\/\/)/;
/** As StackStorm: `owner/name` is a repository on GitHub. */
const GITHUB_FORM = /^[\w.-]+\/[\w.-]+$/;

/**
 * Reads what somebody wants installed: a folder, or a git URL with `@ref` (or, as StackStorm, `=ref`) and `#folder` behind it. Throws
 * `PetrelError` (`invalid`) for what is neither.
 */
export function originOf(text: string, exists: (path: string) => boolean = existsSync): Origin {
  if (!URL_FORM.test(text)) {
    if (exists(text)) return { kind: 'folder', path: text };
    if (/^[./~]/.test(text)) throw new PetrelError('not_found', `There is no folder "${text}".`);
    const { rest, ref, folder } = split(text);
    if (GITHUB_FORM.test(rest)) return git(`https://github.com/${rest}`, ref, folder);
    throw new PetrelError(
      'invalid',
      `"${text}" is neither a folder nor a git URL, and Petrel has no index of packs. Give a URL such as https://github.com/StackStorm-Exchange/stackstorm-${/^[\w-]+/.exec(text)?.[0] ?? 'NAME'}.`,
    );
  }
  const { rest, ref, folder } = split(text);
  return git(rest, ref, folder);
}

function git(url: string, ref: string | undefined, folder: string | undefined): Origin {
  // What begins with a dash would be an option to git, and a folder must stay in the repository.
  if (ref !== undefined && !/^[\w][\w./+-]*$/.test(ref)) {
    throw new PetrelError('invalid', `"${ref}" is no name of a branch, a tag or a commit.`);
  }
  if (folder?.split('/').includes('..') === true) {
    throw new PetrelError('invalid', `The folder "${folder}" leads out of the repository.`);
  }
  return { kind: 'git', url, ...(ref !== undefined && { ref }), ...(folder !== undefined && { folder }) };
}

/** `url@ref#folder`. What stands before the path may hold an `@` of its own, a user's. */
function split(text: string): { rest: string; ref: string | undefined; folder: string | undefined } {
  const [before = '', folder] = text.split('#', 2);
  const [authority] = /^(?:[a-z+]+:\/\/[^/]*\/?|[\w.-]+@[\w.-]+:)/i.exec(before) ?? [''];
  const [, path = before.slice(authority.length), ref] =
    /^([^@=]*)[@=](.+)$/.exec(before.slice(authority.length)) ?? [];
  const name = folder?.replace(/^\/+|\/+$/g, '');
  return { rest: authority + path, ref, folder: name === '' ? undefined : name };
}

/** A URL without the password that it may hold. */
export function shownUrl(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^/@:]*):[^/@]*@/i, '$1:********@');
}
