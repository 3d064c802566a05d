import type { Redis } from 'ioredis';
import { errorOf } from '../../../errors/errorOf.ts';
import { FollowError } from '../errors.ts';

/**
 * By the right that it needs, what a follower runs, with arguments that Redis refuses or that change nothing: it looks at
 * rights first.
 */
const probes: Readonly<Record<string, string>> = {
  info: 'server',
  type: 'STREAM',
  'xinfo|stream': 'STREAM',
  'xinfo|groups': 'STREAM',
  xpending: 'STREAM planql IDLE x - + 1',
  xrange: 'STREAM x x',
  xclaim: 'STREAM planql planql x 0-0',
  xreadgroup: 'GROUP planql planql COUNT x STREAMS STREAM >',
  xread: 'COUNT x STREAMS STREAM 0',
  xack: 'STREAM planql x',
  'xgroup|create': 'STREAM planql x',
  'xgroup|destroy': 'STREAM planql:no-such-group',
};
const rights = ['eval', ...Object.keys(probes)];

/**
 * KEYS: stream. ARGV: commands, as JSON. Returns the version of a Redis before 7, which does not tell it to scripts, or an
 * empty text; then the place and the error of each command that failed.
 */
const checkScript = `
if not redis.REDIS_VERSION then
  local info = redis.pcall('INFO', 'server')
  return {type(info) == 'string' and string.match(info, 'redis_version:([%w.-]+)') or 'older', {}}
end
local failures = {}
for at, command in ipairs(cjson.decode(ARGV[1])) do
  local reply = redis.pcall(unpack(command))
  if type(reply) == 'table' and reply.err then failures[#failures + 1] = {at - 1, reply.err} end
end
return {'', failures}
`;

const denied = /NOPERM|can't (?:run this command|access at least one of the keys)|no permissions/;
const unknown = /unknown (?:redis )?(?:sub)?command/i;

/**
 * Checks what no second attempt heals: that Redis has what a follower of a stream needs, and lets its user do it.
 *
 * @throws FollowError
 */
export async function checkServer(client: Redis, stream: string): Promise<void> {
  const commands = Object.entries(probes).map(([right, text]) => [
    ...right.split('|'),
    ...text.split(' ').map((word) => (word === 'STREAM' ? stream : word)),
  ]);
  const reply: unknown = await client.eval(checkScript, 1, stream, JSON.stringify(commands)).catch((error) => {
    throw refusalOf(error, stream);
  });
  const [version, failures]: readonly [string, readonly (readonly [number, string])[]] = Object(reply);
  if (version !== '')
    throw new FollowError(
      'FOLLOW_SERVER',
      `followChanges.debezium needs Redis 7 or later, and this one is ${version}. Update it, or let Debezium send its changes to followChanges.debezium.http.`,
    );
  const failed = (pattern: RegExp): readonly string[] =>
    failures.flatMap(([at, message]) => (pattern.test(message) ? Object.keys(probes).slice(at, at + 1) : []));
  if (failed(unknown).length > 0) throw unknownError(failed(unknown));
  if (failed(denied).length > 0) throw deniedError(failed(denied), stream);
}

/** The error of a command, with the remedy where its user may not run it, or Redis does not have it. */
export function refusalOf(thrown: unknown, stream: string | null): Error {
  const error = errorOf(thrown);
  if (error instanceof FollowError) return error;
  const command = /'([\w|]+)'/.exec(error.message)?.[1]?.toLowerCase() ?? 'eval';
  if (unknown.test(error.message)) return unknownError([command]);
  return denied.test(error.message) ? deniedError([command], stream) : error;
}

function unknownError(commands: readonly string[]): FollowError {
  return new FollowError(
    'FOLLOW_SERVER',
    `followChanges.debezium needs ${named(commands)}, and this Redis has no such command.`,
  );
}

function deniedError(commands: readonly string[], stream: string | null): FollowError {
  const needed = [...new Set([...rights, ...commands])].map((right) => `+${right}`).join(' ');
  const [place, keys] = stream === null ? ['', ''] : [` on the stream "${stream}"`, `~${stream} `];
  return new FollowError(
    'FOLLOW_SERVER',
    `Redis does not let the user of "connection" run ${named(commands)}${place}. It needs: ${keys}${needed}`,
  );
}

function named(commands: readonly string[]): string {
  return commands.map((command) => command.replace('|', ' ').toUpperCase()).join(', ');
}
