import { redisCache } from 'planql/kvetch/redis';
import { redisVersions } from 'planql/reactive/redis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** The name and message with which a call ends. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return String(error);
  }
  return 'nothing was thrown';
}

test('a Redis that is nowhere is refused in the words of who asks for it', () => {
  assert.match(
    refusal(() => redisCache({})),
    'redisCache needs "url", "nodes", "sentinel: { master, nodes }" or "client".',
  );
  assert.match(
    refusal(() => redisCache({ sentinel: { master: 'm' } as never })),
    'redisCache needs "url", "nodes", "sentinel: { master, nodes }" or "client".',
  );
  assert.match(
    refusal(() => redisVersions({})),
    'redisVersions needs "url", "nodes" or "sentinel: { master, nodes }".',
  );
});

test('a node that is no "host:port" is refused in the words of who asks for it', () => {
  assert.match(
    refusal(() => redisCache({ nodes: ['a:1', 'b'] })),
    'redisCache: a node is "host:port", not "b".',
  );
  assert.match(
    refusal(() => redisVersions({ nodes: [':1'] })),
    'redisVersions: a node is "host:port", not ":1".',
  );
});

test.run();
