import { createHmac, timingSafeEqual } from 'node:crypto';
import { hasServiceToken } from '../../external/ExternalInvalidations.ts';
import { FollowError } from '../errors.ts';

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z\d+/]+={0,2}$/;
const [LEAST_BYTES, MOST_BYTES] = [24, 64];
/** How far the clocks of Debezium and of this server may be apart. */
const TOLERANCE_MS = 300_000;

/** Whether a body was sent by somebody that knows a secret; or a text: why the request is refused without its body. */
export type Credential = ((body: string) => boolean) | string;

/**
 * Reads the credential of a request: the signature of Standard Webhooks, as Debezium Server writes it, or a secret as a bearer
 * token, as a proxy may add it.
 */
export function credentialOf(headers: Headers, secrets: readonly string[]): Credential {
  const authorization = headers.get('authorization');
  if (authorization !== null)
    return hasServiceToken(authorization, secrets) ? () => true : 'The bearer token is none of the secrets.';
  const [id, time, given] = ['id', 'timestamp', 'signature'].map((name) => headers.get(`webhook-${name}`));
  if (id == null || time == null || given == null)
    return 'The request is not signed. Set debezium.sink.http.authentication.type=standard-webhooks.';
  if (!(Math.abs(Date.now() - Number(time) * 1000) <= TOLERANCE_MS))
    return '"webhook-timestamp" is more than 5 minutes away from the clock of this server.';
  return (body) => {
    const expected = secrets.map((secret) => signatureOf(secret, `${id}.${time}.${body}`));
    return given.split(' ').some((one) => expected.some((signature) => isEqual(signature, Buffer.from(one))));
  };
}

/**
 * Checks secrets of the form that Debezium Server demands. No error message contains one of them.
 *
 * @throws FollowError
 */
export function checkSecrets(owner: string, secrets: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [];
  const wrong = list.findIndex((secret) => !isSecret(secret));
  if (list.length > 0 && wrong < 0) return list.filter(isSecret);
  const place = list.length === 0 ? '"secrets" has none' : `"secrets[${wrong}]" is no secret`;
  throw new FollowError(
    'FOLLOW_OPTIONS',
    `${owner}: ${place}. Give what Debezium has in debezium.sink.http.authentication.webhook.secret: whsec_ and ${LEAST_BYTES} to ${MOST_BYTES} random bytes in Base64.`,
  );
}

function isSecret(secret: unknown): secret is string {
  if (typeof secret !== 'string') return false;
  const text = base64Of(secret);
  const { length } = Buffer.from(text, 'base64');
  return BASE64.test(text) && length >= LEAST_BYTES && length <= MOST_BYTES;
}

function base64Of(secret: string): string {
  return secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
}

function signatureOf(secret: string, text: string): Buffer {
  const key = Buffer.from(base64Of(secret), 'base64');
  return Buffer.from(`v1,${createHmac('sha256', key).update(text).digest('base64')}`);
}

function isEqual(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
