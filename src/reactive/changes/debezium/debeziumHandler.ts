import { anything, integer, type OptionTable, ownOptions, positive } from '../../../errors/checkOptions.ts';
import { errorOf } from '../../../errors/errorOf.ts';
import { emitWarning } from '../../../utils/emitWarning.ts';
import { readBody } from '../../../utils/readBody.ts';
import type { Invalidator } from '../../Invalidator.ts';
import { json } from '../../server/json.ts';
import { VersionsUnavailableError } from '../../versions/errors.ts';
import { checkKeysOf, keysOfBatch, type RowOptions } from '../RowChange.ts';
import { changesOfAll, changesOfMessages } from './changesOfMessage.ts';
import { checkSecrets, credentialOf } from './credentialOf.ts';

/** The options of `followChanges.debezium.http`. */
export interface DebeziumHttpOptions extends RowOptions {
  /**
   * What Debezium signs its requests with, `debezium.sink.http.authentication.webhook.secret`: any of these. Each is `whsec_`
   * and 24 to 64 random bytes in Base64. A proxy may send one as a bearer token instead.
   */
  readonly secrets: readonly string[];
  /** The path of `debezium.sink.http.url`. Default `/debezium`. */
  readonly path?: string;
  /** Bytes of a body. Debezium stops at a message that is longer. Default 8 MiB. */
  readonly maxBytes?: number;
  /** How long a body may take to arrive, in milliseconds. Default 10,000. */
  readonly bodyMs?: number;
}

const absolutePath = (path: string): string | null => (/^\//.test(path) ? null : 'must begin with "/"');

const optionTable: OptionTable<DebeziumHttpOptions> = {
  ...{ secrets: anything, keysOf: anything, onError: anything, path: absolutePath },
  ...{ maxBytes: integer(1), bodyMs: positive },
};
const OWNER = 'followChanges.debezium.http';

const MAX_BYTES = 8 << 20;
const BODY_MS = 10_000;
/** So many bodies are read at once. Debezium sends one at a time. */
const BODIES = 10;

const types = new Set(['application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json']);

/**
 * Makes a handler of the requests that the HTTP sink of Debezium Server sends: `handle` for servers with `Request` and
 * `Response`, `nodeHandler(handle)` for `node:http`. It answers null for other paths. A 204 says that the changes are told; for
 * any other answer Debezium repeats the request, and then stops at its place. Spec 11.8.10.5.
 *
 * @throws FollowError without secrets that nobody can guess.
 * @throws PlanqlError with the code `BAD_OPTION`.
 */
export function debeziumHandler(
  invalidator: Pick<Invalidator, 'tell' | 'tellEverything'>,
  options: DebeziumHttpOptions,
): (request: Request) => Promise<Response | null> {
  const own = ownOptions(OWNER, options, optionTable);
  const { keysOf, path = '/debezium' } = own;
  checkKeysOf(OWNER, keysOf);
  const secrets = checkSecrets(OWNER, own.secrets);
  const onError = carefully(own.onError);
  const read = bodyReader(own);

  return async (request) => {
    if (new URL(request.url).pathname !== path) return null;
    const refused = refusalOf(request);
    if (refused !== null) return refused;
    const credential = credentialOf(request.headers, secrets);
    if (typeof credential === 'string') return json(401, { error: credential });
    const body = await read(request);
    if (typeof body !== 'string') return body;
    if (!credential(body)) return json(401, { error: 'The signature is of none of the secrets.' });
    const changes = changesOfAll([body], changesOfMessages, () => 'a message over HTTP', onError);
    const keys = keysOfBatch({ changes, place: null }, { keysOf, onError });
    const isTold = await (keys === null ? invalidator.tellEverything() : invalidator.tell(keys));
    if (isTold) return new Response(null, { status: 204 });
    return json(503, { error: new VersionsUnavailableError().message }, { 'retry-after': '1' });
  };
}

/** Debezium would repeat the message for ever if the function failed. */
function carefully(onError: RowOptions['onError']): (error: unknown) => void {
  return (error) => {
    try {
      if (onError === undefined) emitWarning(errorOf(error));
      else onError(error);
    } catch (failure) {
      emitWarning(errorOf(failure));
    }
  };
}

/** The answer to a request that Debezium does not send. */
function refusalOf({ method, headers }: Request): Response | null {
  if (method !== 'POST') return json(405, { error: 'Send POST.' }, { allow: 'POST' });
  const [type = ''] = (headers.get('content-type') ?? '').split(';');
  if (types.has(type.trim().toLowerCase()) && (headers.get('content-encoding') ?? 'identity') === 'identity')
    return null;
  return json(415, { error: 'Send JSON as it is. Set debezium.format.value to json or cloudevents.' });
}

/** Reads bodies. A new one ends the oldest where too many are read: nobody keeps Debezium out with bodies that do not end. */
function bodyReader({
  maxBytes = MAX_BYTES,
  bodyMs = BODY_MS,
}: DebeziumHttpOptions): (request: Request) => Promise<string | Response> {
  const reading = new Set<AbortController>();

  return async (request) => {
    const controller = new AbortController();
    const [oldest] = reading;
    if (oldest !== undefined && reading.size >= BODIES) {
      oldest.abort();
      reading.delete(oldest);
    }
    reading.add(controller);
    const timer = setTimeout(() => controller.abort(), bodyMs);
    try {
      const body = await readBody(request, maxBytes, controller.signal);
      return body ?? json(413, { error: `A body has at most ${maxBytes} bytes. "maxBytes" of ${OWNER} allows more.` });
    } catch {
      return controller.signal.aborted
        ? json(408, { error: `The body did not arrive within ${bodyMs} ms, or too many came at once.` })
        : json(400, { error: 'The body broke off.' });
    } finally {
      clearTimeout(timer);
      reading.delete(controller);
    }
  };
}
