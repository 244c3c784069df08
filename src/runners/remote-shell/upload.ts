import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Client, SFTPWrapper } from 'ssh2';
import { messageOf, PetrelError } from '../../model/index.ts';

/** More than this beside a script is no library of it but a mistake. */
const MOST_FILES = 1000;

/**
 * Copies a script, and the folder `lib` beside it when there is one, into a new directory that only the user can look into. Answers the
 * script's path there. Throws `PetrelError` (`unavailable`) naming the file.
 */
export async function uploadScript(client: Client, script: string, directory: string): Promise<string> {
  const sftp = await openSftp(client);
  try {
    await step(`The directory ${directory} cannot be made`, (done) => sftp.mkdir(directory, { mode: 0o700 }, done));
    const path = `${directory}/${basename(script)}`;
    await put(sftp, script, path, 0o744);
    await putFolder(sftp, join(script, '..', 'lib'), `${directory}/lib`, { left: MOST_FILES });
    return path;
  } finally {
    sftp.end();
  }
}

async function putFolder(sftp: SFTPWrapper, local: string, remote: string, budget: { left: number }): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(local, { withFileTypes: true });
  } catch {
    return; // most scripts have no library
  }
  await step(`The directory ${remote} cannot be made`, (done) => sftp.mkdir(remote, { mode: 0o700 }, done));
  for (const entry of entries) {
    if (budget.left-- === 0) {
      throw new PetrelError(
        'invalid',
        `${local} holds more than ${MOST_FILES} files; they are not copied to a host for each run.`,
      );
    }
    const [from, to] = [join(local, entry.name), `${remote}/${entry.name}`];
    if (entry.isDirectory()) await putFolder(sftp, from, to, budget);
    // A link may lead out of the pack: what it names is not the pack's to hand out.
    else if (entry.isFile()) await put(sftp, from, to, 0o744);
  }
}

async function put(sftp: SFTPWrapper, local: string, remote: string, mode: number): Promise<void> {
  await step(`${local} cannot be copied to ${remote}`, (done) => sftp.fastPut(local, remote, { mode }, done));
}

function openSftp(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    client.sftp((error, sftp) => {
      if (error === undefined) resolve(sftp);
      else reject(new PetrelError('unavailable', `The host takes no files (SFTP): ${error.message}`));
    });
  });
}

function step(what: string, work: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => {
      if (error === undefined || error === null) resolve();
      else reject(new PetrelError('unavailable', `${what}: ${messageOf(error)}`));
    };
    work(done);
  });
}
