import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseHosts } from '../../../src/runners/remote-shell/hosts.ts';
import { knownName, parseKnownHosts } from '../../../src/runners/remote-shell/known-hosts.ts';

describe('A list of hosts', () => {
  it.each([
    ['web1', [['web1', 22, 'web1']]],
    [
      ' web1 , web2:2222 ,',
      [
        ['web1', 22, 'web1'],
        ['web2', 2222, 'web2'],
      ],
    ],
    ['web1, web1', [['web1', 22, 'web1']]],
    [
      'web1:1,web1:2',
      [
        ['web1', 1, 'web1:1'],
        ['web1', 2, 'web1:2'],
      ],
    ],
    ['[2001:db8::1]:2222', [['2001:db8::1', 2222, '2001:db8::1']]],
    ['2001:db8::1', [['2001:db8::1', 22, '2001:db8::1']]],
  ])('%s', (text, expected) => {
    expect(parseHosts(text, 22).map(({ name, port, label }) => [name, port, label])).toEqual(expected);
  });

  it.each(['', ' , ', 'web1:0', 'web1:70000', 'web1:ssh', '-oProxyCommand=x', 'two words'])('refuses "%s"', (text) => {
    expect(() => parseHosts(text, 22)).toThrow();
  });
});

describe('A known_hosts file', () => {
  const salt = Buffer.from('0123456789abcdef0123');
  const hash = createHmac('sha1', salt).update('[hidden]:2222').digest('base64');
  const file = [
    '# a comment',
    '',
    'plain,10.0.0.1 ssh-ed25519 AAAA',
    '[other]:2222 ssh-rsa BBBB a comment',
    '*.example.com,!bad.example.com ssh-ed25519 CCCC',
    '@revoked plain ssh-rsa DDDD',
    '@cert-authority * ssh-rsa EEEE',
    `|1|${salt.toString('base64')}|${hash} ssh-ed25519 FFFF`,
    'a line of nonsense',
  ].join('\n');

  it.each([
    ['plain', 22, ['AAAA', 'DDDD']],
    ['PLAIN', 22, ['AAAA', 'DDDD']],
    ['10.0.0.1', 22, ['AAAA']],
    ['plain', 2222, []],
    ['other', 2222, ['BBBB']],
    ['web.example.com', 22, ['CCCC']],
    ['bad.example.com', 22, []],
    ['hidden', 2222, ['FFFF']],
    ['hidden', 22, []],
  ])('knows %s at port %i by %j', (host, port, keys) => {
    const found = parseKnownHosts(file).filter((line) => line.matches(knownName(host, port)));
    expect(found.filter(({ type }) => type.startsWith('ssh-')).map(({ key }) => key)).toEqual(keys);
  });

  it('tells what is revoked', () => {
    expect(
      parseKnownHosts(file)
        .filter(({ revoked }) => revoked)
        .map(({ key }) => key),
    ).toEqual(['DDDD']);
  });
});
