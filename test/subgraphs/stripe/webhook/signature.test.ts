import { existsSync, readFileSync } from 'node:fs';
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { isSigned } from '../../../../subgraphs/stripe/webhook/signature.ts';

const VECTORS = new URL('../../../../../shared/data/vendors/webhook-vectors.json', import.meta.url);
const stripe = new Stripe('sk_test_x');
const SECRET = 'whsec_current';
const BODY = JSON.stringify({ id: 'evt_1', object: 'event', name: 'Zoë ✓' }, null, 2);
const NOW = 1_700_000_000_000;

function sign({ payload = BODY, secret = SECRET, at = NOW / 1_000 } = {}): string {
  return stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: at });
}

function isAccepted(
  header: string | undefined,
  { body = Buffer.from(BODY), secrets = [SECRET], now = NOW } = {},
): boolean {
  return isSigned({ header, body, secrets, now });
}

describe('Stripe’s signature', () => {
  it('is accepted as Stripe’s own package makes it', () => {
    expect(isAccepted(sign())).toBe(true);
  });

  it.each([
    [-300, true],
    [300, true],
    [-301, false],
    [301, false],
  ])('made %d s from now: %s', (seconds, accepted) => {
    expect(isAccepted(sign({ at: NOW / 1_000 + seconds }))).toBe(accepted);
  });

  it('is accepted by any secret while one is rolled, and with any number of v1', () => {
    const [other] = [sign({ secret: 'whsec_other' }).split(',')[1]];
    expect(isAccepted(sign({ secret: 'whsec_next' }), { secrets: [SECRET, 'whsec_next'] })).toBe(true);
    expect(isAccepted(`${sign()},${other}`)).toBe(true);
    expect(isAccepted(sign().replace(',v1=', `,${other},v1=`))).toBe(true);
    expect(isAccepted(sign({ secret: 'whsec_other' }))).toBe(false);
  });

  it('is refused when any byte of the body is flipped', () => {
    const header = sign();
    const bytes = Buffer.from(BODY);
    const accepted = [...bytes.keys()].filter((index) => {
      const body = Buffer.from(bytes);
      body.writeUInt8(body.readUInt8(index) ^ 1, index);
      return isAccepted(header, { body });
    });
    expect(accepted).toEqual([]);
  });

  it('is refused when any character of it is another', () => {
    const header = sign();
    const accepted = [...header].flatMap((character, index) => {
      const other = character === '0' ? '1' : '0';
      return isAccepted(header.slice(0, index) + other + header.slice(index + 1)) ? [index] : [];
    });
    expect(accepted).toEqual([]);
  });

  it('is refused over the same JSON in other bytes', () => {
    expect(isAccepted(sign(), { body: Buffer.from(JSON.stringify(JSON.parse(BODY))) })).toBe(false);
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['no timestamp', sign().replace(/^t=\d+,/, '')],
    ['no v1', `t=${NOW / 1_000}`],
    ['only v0', sign().replace('v1=', 'v0=')],
    ['a timestamp that is no number', sign().replace(/^t=\d+/, 't=now')],
    ['two timestamps', `t=1,${sign()}`],
    ['upper case', sign().replace(/v1=.*/, (text) => `v1=${text.slice(3).toUpperCase()}`)],
    ['more behind it', `${sign()}=`],
    ['base64', sign().replace(/v1=(.*)/, (_all, hex: string) => `v1=${Buffer.from(hex, 'hex').toString('base64')}`)],
    ['commas alone', ',,,,'],
  ])('is refused and throws nothing: %s', (_name, header) => {
    expect(isAccepted(header)).toBe(false);
  });

  it.skipIf(!existsSync(VECTORS))('agrees with the published vector (skipped without the shared data)', () => {
    const { secret, timestamp, body, header } = JSON.parse(readFileSync(VECTORS, 'utf8')).stripe;
    const given = { body: Buffer.from(body), secrets: [secret] };
    expect(isAccepted(header['Stripe-Signature'], { ...given, now: Number(timestamp) * 1_000 })).toBe(true);
    expect(isAccepted(header['Stripe-Signature'], { ...given, now: Number(timestamp) * 1_000 + 301_000 })).toBe(false);
  });
});
