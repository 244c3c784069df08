import { describe, expect, it } from 'vitest';
import { localShellCommand } from '../../src/runners/local-shell-cmd.ts';
import { pathHere } from '../../src/runners/stackstorm-paths.ts';
import { harness } from './harness.ts';

const packFolder = (pack: string) => (pack === 'demo' ? '/usr' : undefined);

describe('a path of StackStorm', () => {
  it.each([
    ['/opt/stackstorm/packs/demo', '/usr'],
    ['/opt/stackstorm/packs/demo/bin', '/usr/bin'],
    ['/opt/stackstorm/packs/other/bin', '/opt/stackstorm/packs/other/bin'],
    ['/opt/stackstorm/packs', '/opt/stackstorm/packs'],
    ['/etc', '/etc'],
    ['demo', 'demo'],
  ])('%s is %s here', (path, here) => {
    expect(pathHere(path, packFolder)).toBe(here);
  });

  it('is where a command runs', async () => {
    const { run } = harness({ runnerParameters: { cmd: 'pwd', cwd: '/opt/stackstorm/packs/demo/bin' } });
    expect(await localShellCommand({ packFolder }).run(run)).toMatchObject({
      result: { stdout: expect.stringMatching(/\/bin$/), succeeded: true },
    });
  });
});
