/** Names of keys: AES-256-CMAC, whichever way the texts come together (spec 11.5.5). */
import { createCipheriv, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Cmac, CODE_WORDS } from '../../src/reactive/keys/Cmac.ts';
import { Grants } from '../../src/reactive/keys/Grants.ts';
import { NameSet } from '../../src/reactive/keys/NameSet.ts';
import { NAME_WORDS, textOf, WireKeys } from '../../src/reactive/keys/WireKeys.ts';
import { splitKeys } from '../../src/utils/wireKeys.ts';

const test = suite('names of keys');
const secrets = [{ id: 'a', secret: 'a secret of sufficient length' }];

function hexOf(codes: Int32Array): string {
  return Buffer.from(codes.buffer, codes.byteOffset, codes.byteLength).toString('hex');
}

/** The examples of NIST SP 800-38B for AES-256: key, messages, codes. */
const NIST_KEY = '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4';
const NIST_TEXT =
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710';
/** RFC 4493, section 2.4, written down once more with nothing shared: CBC by OpenSSL over a message whose end is masked. */
function reference(key: Buffer, message: Buffer): string {
  const ecb = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const twice = (value: bigint): bigint => ((value << 1n) & ((1n << 128n) - 1n)) ^ (value >> 127n === 1n ? 0x87n : 0n);
  const whole = twice(BigInt(`0x${ecb.update(Buffer.alloc(16)).toString('hex')}`));
  const isWhole = message.length > 0 && message.length % 16 === 0;
  const filled = isWhole
    ? message
    : Buffer.concat([message, Buffer.from([0x80]), Buffer.alloc(15 - (message.length % 16))]);
  const end = filled.subarray(-16);
  const masked = BigInt(`0x${end.toString('hex')}`) ^ (isWhole ? whole : twice(whole));
  const last = Buffer.from(masked.toString(16).padStart(32, '0'), 'hex');
  const cbc = createCipheriv('aes-256-cbc', key, Buffer.alloc(16)).setAutoPadding(false);
  return cbc
    .update(Buffer.concat([filled.subarray(0, -16), last]))
    .subarray(-16)
    .toString('hex');
}

test('the reference has the codes of NIST SP 800-38B', () => {
  const key = Buffer.from(NIST_KEY, 'hex');
  const text = Buffer.from(NIST_TEXT, 'hex');
  assert.is(reference(key, text.subarray(0, 0)), '028962f61b7bf89efc6b551f4667d983');
  assert.is(reference(key, text.subarray(0, 16)), '28a7023f452e8f82bd4bf28d8c37c35c');
  assert.is(reference(key, text.subarray(0, 40)), 'aaf3d8f1de5640c232f5b169b9c911e6');
  assert.is(reference(key, text.subarray(0, 64)), 'e1992190549f6ed5696a2c056c315410');
});

test('texts together have the codes that each of them has alone [11.5.5]', () => {
  const texts = fc.array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 70 }),
      fc.uuid(),
      fc.constantFrom('', 'a'.repeat(16), 'a'.repeat(15), 'é'.repeat(8), '\0', '\ud800', 'a'.repeat(2000)),
    ),
    { maxLength: 40 },
  );
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const starts = fc.constantFrom('', 'o:', 'e:10:', 'i:ü:', 'w:5000:o:');
  fc.assert(
    fc.property(key, starts, texts, (bytes, start, all) => {
      const codes = hexOf(new Cmac(bytes).of(start, all));
      const expected = all.map((text) => reference(Buffer.from(bytes), Buffer.from(start + text, 'utf8')));
      assert.is(codes, expected.join(''));
    }),
    { numRuns: 300 },
  );
});

test('a thousand ids of one length, and one text that is long', () => {
  const key = createHmac('sha256', 'any').digest();
  const ids = Array.from({ length: 1001 }, (_, n) => `${n}`.padStart(36, '0'));
  const codes = hexOf(new Cmac(key).of('o:', ids));
  for (const n of [0, 1, 500, 1000]) {
    assert.is(codes.slice(32 * n, 32 * n + 32), reference(key, Buffer.from(`o:${ids[n]}`)));
  }
  const long = 'x'.repeat(1_000_003);
  assert.is(hexOf(new Cmac(key).of('m:', [long])), reference(key, Buffer.from(`m:${long}`)));
});

/** Anybody who writes this in another language must come to these (chapter 11.5.5 has them). */
const VECTORS: readonly (readonly [tenant: string, key: string, name: string])[] = [
  ['', 'o:00000000-0000-4000-8000-000000000001', '_1W6B9fjo2PDWkYv'],
  ['', 'e:10:00000000-0000-4000-8000-000000000001', 'F6tdkK1QVWOwpEhC'],
  ['', 'm:orders', 'xmDlL0WkYnwqPs4b'],
  ['acme', 'm:orders', 'CfcTln2LRRVumzv8'],
  ['', 'm:café', 'LZ91mDPVwJnr1WZ2'],
  ['', 'i:User.email:sann@example.com', 'osrrck49li4W39FT'],
];

test('the names of the specification [11.5.5]', () => {
  for (const [tenant, key, name] of VECTORS) assert.is(new WireKeys(secrets, tenant).of(key), name);
});

test('keys, tenants and secrets that could run together have different names', () => {
  const names = new Set<string>();
  for (const tenant of ['', 'a', 'o:', 'a\0', '\0a']) {
    for (const secret of ['a secret of sufficient length', 'a secret of sufficient length2']) {
      const keys = new WireKeys([{ id: 'a', secret }], tenant);
      for (const key of ['o:1', 'o:1\0', 'm:o:1', 'o:', 'e:1:1', 'o:11', 'a\0o:1']) names.add(keys.of(key));
    }
  }
  assert.is(names.size, 5 * 2 * 7);
});

test('a set of names has each once, whichever word is equal', () => {
  const word = fc.constantFrom(0, 1, -1, 7);
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 60 }), (names) => {
      const words = Int32Array.from(names.flat());
      const set = new NameSet(names.length);
      const places = names.map((_, n) => set.placeOf(words, n * NAME_WORDS));
      const different = [...new Set(names.map(String))];
      assert.equal(
        places,
        names.map((name) => different.indexOf(String(name))),
      );
      assert.is(set.size, different.length);
      assert.is(textOf(set.words), textOf(Int32Array.from(different.flatMap((name) => name.split(',').map(Number)))));
    }),
  );
});

test('names under all secrets', () => {
  const both = new WireKeys([{ id: 'b', secret: 'another secret, long enough' }, ...secrets], '');
  const [first, ...others] = both.all(['o:1', 'm:x']);
  assert.is(first, both.of('o:1'));
  assert.equal(others.slice(1), new WireKeys(secrets, '').all(['o:1', 'm:x']));
  assert.equal(splitKeys(textOf(both.words('', ['o:1', 'm:x']))), both.all(['o:1', 'm:x']).slice(0, 2));
  assert.is(CODE_WORDS - NAME_WORDS, 1);
});

test('secrets that cannot be told apart, and one that is not set, are refused', () => {
  const [first = { id: 'a', secret: '' }] = secrets;
  for (const [given, message] of [
    [[], 'needs a secret'],
    [[first, { id: 'a', secret: 'another one of sufficient length' }], 'Two secrets have the id "a"'],
    [[{ id: 'a', secret: undefined as never }], 'The secret "a" needs'],
    [[{ id: 'a', secret: 'too short' }], 'The secret "a" needs'],
  ] as const) {
    assert.throws(
      () => new WireKeys(given, ''),
      (error: Error) => error.message.includes(message),
    );
  }
});

test('grants are good for a time that is one', () => {
  let now = 1_700_000_000_123;
  const clock = (): number => now;
  for (const seconds of [0.5, 1, 59, 60, 61, 3600, 1e9]) {
    const grants = new Grants(secrets, { seconds, clock });
    const grant = grants.give('me', 'keys');
    const lasts = (grants.endOf(grant) - now) / 1000;
    assert.ok(lasts >= seconds && lasts <= seconds + Math.ceil(seconds / 60) + 1, `${lasts} s for ${seconds}`);
    now = grants.endOf(grant) - 1;
    assert.ok(grants.isGood(grant, 'me', 'keys'));
    now++;
    assert.not.ok(grants.isGood(grant, 'me', 'keys'));
    now = 1_700_000_000_123;
  }
  for (const seconds of [0, -5, Number.NaN, Number.POSITIVE_INFINITY, 1e20, undefined as never]) {
    assert.throws(() => new Grants(secrets, { seconds, clock }), /"grantSeconds" is .* must be above 0/);
  }
});

test('a grant is good for its tenant, subject, keys and secret, and in no other spelling', () => {
  const clock = (): number => 1_700_000_000_000;
  const next = { id: 'b', secret: 'another secret, long enough' };
  const of = (all: readonly (typeof next)[], tenant: string) => new Grants(all, { seconds: 60, clock, tenant });
  const grant = of(secrets, 't').give('me', 'keys');
  assert.ok(of([next, ...secrets], 't').isGood(grant, 'me', 'keys'), 'while secrets rotate');
  assert.not.ok(of([next], 't').isGood(grant, 'me', 'keys'), 'behind the rotation');
  assert.not.ok(of(secrets, 'u').isGood(grant, 'me', 'keys'));
  assert.not.ok(of(secrets, 't').isGood(grant, 'you', 'keys'));
  assert.not.ok(of(secrets, 't').isGood(grant, 'me', 'keyskeys'));
  const [, end = '', signature = ''] = grant.split('.');
  const odd = ['', '.', '..', `a.${end}`, `b.${end}.${signature}`, `a.${end}0.${signature}`, `${grant}=`, `${grant}.`];
  for (const other of [...odd, null, 7, {}, [grant], 'a.NaN.x', `a.${'z'.repeat(90)}.x`]) {
    assert.not.ok(of(secrets, 't').isGood(other, 'me', 'keys'), String(other));
  }
  // Subject and keys are not one text.
  assert.is.not(of(secrets, '').give('a', 'b'), of(secrets, '').give('ab', ''));
});

test.run();
