import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

const KEY_BYTES = 32;

/**
 * What is stored of a password: the cost, a salt and the key that scrypt derives. The cost (a power of two) is that of one
 * guess: 2^16 is some 60 ms and 64 MiB. It is stored with each password, so that it can be raised.
 */
export async function hashPassword(password: string, cost: number): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password.normalize('NFC'), salt, KEY_BYTES, { N: cost, r: 8, p: 1, maxmem: 2 ** 27 });
  return written(cost, salt, key);
}

/** Whether it is the password. Takes as long for a login that is not there (`stored` is null). */
export async function isPassword(password: string, stored: string | null, cost: number): Promise<boolean> {
  // Looks like a stored password, and is none.
  const nobody = written(cost, Buffer.alloc(16), Buffer.alloc(KEY_BYTES));
  const [, N, r, p, salt = '', key = ''] = (stored ?? nobody).split('$');
  const own = { N: Number(N), r: Number(r), p: Number(p), maxmem: 2 ** 27 };
  const expected = Buffer.from(key, 'base64');
  const derived = await derive(password.normalize('NFC'), Buffer.from(salt, 'base64'), KEY_BYTES, own);
  return derived.length === expected.length && timingSafeEqual(derived, expected) && stored !== null;
}

function written(cost: number, salt: Buffer, key: Buffer): string {
  return ['scrypt', cost, 8, 1, salt.toString('base64'), key.toString('base64')].join('$');
}
