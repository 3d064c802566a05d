import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** The cost of one guess: some 60 ms and 64 MiB. Stored with each password, so that it can be raised. */
const COST = { N: 2 ** 16, r: 8, p: 1 };
const KEY_BYTES = 32;

/** What is stored of a password: the cost, a salt and the key that scrypt derives. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password.normalize('NFC'), salt, KEY_BYTES, { ...COST, maxmem: 2 ** 27 });
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), key.toString('base64')].join('$');
}

/** Whether it is the password. Takes as long for a login that is not there (`stored` is null). */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const [, N, r, p, salt = '', key = ''] = (stored ?? NOBODY).split('$');
  const cost = { N: Number(N), r: Number(r), p: Number(p), maxmem: 2 ** 27 };
  const expected = Buffer.from(key, 'base64');
  const derived = await derive(password.normalize('NFC'), Buffer.from(salt, 'base64'), KEY_BYTES, cost);
  return derived.length === expected.length && timingSafeEqual(derived, expected) && stored !== null;
}

/** Looks like a stored password, and is none. */
const NOBODY = [
  'scrypt',
  COST.N,
  COST.r,
  COST.p,
  Buffer.alloc(16).toString('base64'),
  Buffer.alloc(32).toString('base64'),
].join('$');
