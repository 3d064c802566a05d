/** The HTTP sink of Debezium Server 3: it repeats a request until the answer is 2xx, and signs each attempt anew. */
import { createHmac, randomUUID } from 'node:crypto';
import { until } from '../support/until.ts';

export const secret: string = `whsec_${Buffer.alloc(32, 'a secret').toString('base64')}`;

type HeaderRecord = Readonly<Record<string, string>>;

/** The headers of `authentication.type=standard-webhooks`. */
export function signed(
  body: string,
  by: string = secret,
  seconds: number = Math.floor(Date.now() / 1000),
): HeaderRecord {
  const id = `msg_${randomUUID()}`;
  const key = Buffer.from(by.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': `${seconds}`, 'webhook-signature': `v1,${signature}` };
}

/** One attempt. */
export function post(url: string, body: string, headers: HeaderRecord = signed(body)): Promise<Response> {
  const type = { 'content-type': 'application/json', 'x-debezium-headerkey': 'aGVhZGVyVmFsdWU=' };
  const signal = AbortSignal.timeout(60_000);
  return fetch(url, { method: 'POST', body, headers: { ...type, ...headers }, signal });
}

/** Attempts until one succeeds. Gives the statuses of those that failed; 0: there was no answer. */
export async function send(url: string, body: string): Promise<readonly number[]> {
  const failures: number[] = [];
  await until(`${body.slice(0, 50)} is taken`, async () => {
    const status = await post(url, body).then(
      (response) => response.status,
      () => 0,
    );
    if (status >= 200 && status < 300) return true;
    failures.push(status);
    return false;
  });
  return failures;
}
