import { createHash, createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { buildSync } from 'esbuild';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { equalInConstantTime } from '../../src/utils/sha256.ts';

/** The functions of `utils` where a runtime has nothing of Node: they yield what those of Node do. */
const test = suite('texts, bytes and hashes without Node');

/** A module as a runtime has it that knows ECMAScript and the Web's encodings, and neither `process` nor `Buffer`. */
function withoutNode<TModule>(file: string): TModule {
  const { outputFiles } = buildSync({
    ...{ bundle: true, write: false, format: 'iife', globalName: 'loaded' },
    entryPoints: [fileURLToPath(new URL(`../../src/utils/${file}`, import.meta.url))],
  });
  const context = createContext({ TextEncoder, TextDecoder, btoa, atob });
  assert.equal(runInContext('[typeof process, typeof Buffer].join()', context), 'undefined,undefined');
  return runInContext(`${outputFiles[0]?.text}; loaded`, context);
}

/** Any text that UTF-8 can express. */
const texts = fc.string({ unit: 'binary', maxLength: 200 });

test('SHA-256 and HMAC', () => {
  const { sha256Hex, sha256Base64, hmacSha256 } = withoutNode<typeof import('../../src/utils/sha256.ts')>('sha256.ts');
  fc.assert(
    fc.property(texts, texts, (text, secret) => {
      assert.is(sha256Hex(text), createHash('sha256').update(text).digest('hex'));
      assert.is(sha256Base64(text), createHash('sha256').update(text).digest('base64url'));
      assert.is(hmacSha256(secret, text), createHmac('sha256', secret).update(text).digest('hex'));
    }),
  );
});

test('URL-safe Base64', () => {
  const { textToBase64Url, textOfBase64Url } = withoutNode<typeof import('../../src/utils/base64.ts')>('base64.ts');
  fc.assert(
    fc.property(texts, (text) => {
      assert.is(textToBase64Url(text), Buffer.from(text).toString('base64url'));
      assert.is(textOfBase64Url(textToBase64Url(text)), text);
    }),
  );
});

test('UTF-8 in memory', () => {
  const { allocate, writeUtf8, decodeUtf8, utf8Length } =
    withoutNode<typeof import('../../src/utils/utf8.ts')>('utf8.ts');
  fc.assert(
    fc.property(texts, (text) => {
      const bytes = allocate(text.length * 3 + 1);
      const length = writeUtf8(bytes, text, 1);
      assert.is(length, Buffer.byteLength(text));
      assert.is(utf8Length(text), Buffer.byteLength(text));
      assert.is(decodeUtf8(bytes.subarray(1, length + 1)), text);
    }),
  );
});

test('texts are compared as a whole', () => {
  fc.assert(fc.property(texts, texts, (left, right) => equalInConstantTime(left, right) === (left === right)));
  assert.ok(equalInConstantTime('abc', 'abc'));
  assert.not(equalInConstantTime('abc', 'abd'));
  assert.not(equalInConstantTime('abc', 'ab'));
  assert.not(equalInConstantTime('', 'a'));
});

test.run();
