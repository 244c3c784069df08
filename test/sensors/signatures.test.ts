import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type SignatureScheme, type SignedCall, verifySignature } from '../../src/sensors/signatures.ts';

const NOW = 1_700_000_000;
const body = Buffer.from('{"text": "a café"}');
const hmac = (secret: string | Buffer, text: string | Buffer, encoding: 'hex' | 'base64' = 'hex') =>
  createHmac('sha256', secret).update(text).digest(encoding);
const signed = (prefix: string) => Buffer.concat([Buffer.from(prefix), body]);

const call = (headers: SignedCall['headers'], more: Partial<SignedCall> = {}): SignedCall => ({
  headers,
  body,
  secret: 'It is a secret',
  tolerance: 300,
  now: NOW * 1000,
  ...more,
});
const secret = 'It is a secret';
const standardKey = Buffer.from('a standard key, of many bytes');

const good: Record<SignatureScheme, SignedCall> = {
  github: call({ 'x-hub-signature-256': `sha256=${hmac(secret, body)}` }),
  gitlab: call({ 'x-gitlab-token': secret }),
  slack: call({
    'x-slack-request-timestamp': `${NOW}`,
    'x-slack-signature': `v0=${hmac(secret, signed(`v0:${NOW}:`))}`,
  }),
  stripe: call({ 'stripe-signature': `t=${NOW},v1=${'0'.repeat(64)},v1=${hmac(secret, signed(`${NOW}.`))},v0=x` }),
  standard: call(
    {
      'webhook-id': 'msg_1',
      'webhook-timestamp': `${NOW}`,
      'webhook-signature': `v1,AAAA v1,${hmac(standardKey, signed(`msg_1.${NOW}.`), 'base64')}`,
    },
    { secret: `whsec_${standardKey.toString('base64')}` },
  ),
  hmac: call({ 'x-shop-hmac': hmac(secret, body, 'base64') }, { header: 'X-Shop-Hmac' }),
};
const schemes = Object.keys(good) as SignatureScheme[]; // as above

describe('A signature', () => {
  it('of GitHub is right for the example in its documentation', () => {
    const example = call(
      { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
      { secret: "It's a Secret to Everybody", body: Buffer.from('Hello, World!') },
    );
    expect(verifySignature('github', example)).toEqual({ valid: true });
  });

  it.each(schemes)('%s is taken when it is right', (scheme) => {
    expect(verifySignature(scheme, good[scheme])).toMatchObject({ valid: true });
  });

  it.each(schemes)('%s is refused with another secret', (scheme) => {
    const other = scheme === 'standard' ? 'whsec_AAAA' : 'another';
    expect(verifySignature(scheme, { ...good[scheme], secret: other })).toMatchObject({ valid: false });
  });

  it.each(schemes)('%s is refused with an empty secret', (scheme) => {
    expect(verifySignature(scheme, { ...good[scheme], secret: '' })).toMatchObject({ valid: false });
  });

  it.each(schemes)('%s is refused without its header', (scheme) => {
    expect(verifySignature(scheme, { ...good[scheme], headers: {} })).toMatchObject({
      valid: false,
      reason: expect.stringMatching(/^it has no header /),
    });
  });

  it.each(schemes.filter((scheme) => scheme !== 'gitlab'))('%s is refused with another body', (scheme) => {
    const changed = Buffer.from('{"text": "a cafe"}');
    expect(verifySignature(scheme, { ...good[scheme], body: changed })).toMatchObject({ valid: false });
  });

  it.each(['slack', 'stripe', 'standard'] as const)('%s is refused when it is old, or of the future', (scheme) => {
    for (const seconds of [-301, 301]) {
      const verdict = verifySignature(scheme, { ...good[scheme], now: (NOW + seconds) * 1000 });
      expect(verdict).toEqual({ valid: false, reason: 'the time stamp is 301 seconds away from now' });
    }
    expect(verifySignature(scheme, { ...good[scheme], now: (NOW + 299) * 1000 })).toMatchObject({ valid: true });
  });

  it.each(['slack', 'stripe', 'standard'] as const)('%s tells the same call when it comes again', (scheme) => {
    const [first, again] = [verifySignature(scheme, good[scheme]), verifySignature(scheme, good[scheme])];
    expect(first).toEqual({ valid: true, call: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(again).toEqual(first);
  });

  it.each(['', 'sha256=', 'x', '0'.repeat(63), 'f'.repeat(64), '='.repeat(44)])(
    'of nonsense (%j) is refused',
    (text) => {
      for (const scheme of ['github', 'hmac'] as const) {
        const headers = { 'x-hub-signature-256': text, 'x-shop-hmac': text };
        expect(verifySignature(scheme, { ...good.hmac, headers })).toMatchObject({ valid: false });
      }
    },
  );

  it('hmac needs the name of its header', () => {
    expect(verifySignature('hmac', { ...good.hmac, header: undefined })).toMatchObject({ valid: false });
  });
});
