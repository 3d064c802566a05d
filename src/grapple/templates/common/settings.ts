/** The settings of this application, from the environment. Written once: change them as you like. */
import { randomBytes } from 'node:crypto';

export interface Settings {
  readonly isProduction: boolean;
  readonly port: number;
  readonly store: StoreSettings;
  /** Where browsers find the application. Requests that change something come from there, or are refused. */
  readonly origins: readonly string[];
  /** How many proxies stand in front: so many entries at the end of `x-forwarded-for` are believed. */
  readonly proxies: number;
  /** The folder of uploaded files. */
  readonly uploads: string;
  /** Asked of those who read `/metrics`, as a bearer token. Null: nobody reads it. */
  readonly metricsToken: string | null;
  /** The cost of a guess of a password: see auth/passwords.ts. */
  readonly passwordCost: number;
  /** Seal what answers say of their data. The first is used; answers that were sealed by the others are still good. */
  readonly secrets: readonly string[];
}

export type StoreSettings =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'mysql'; readonly urls: readonly string[]; readonly redis: string | null };

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings, or throws one error that names all that is missing or wrong. */
export function readSettings(env: Environment = process.env): Settings {
  const problems: string[] = [];
  const isProduction = env.NODE_ENV === 'production';
  const port = wholeNumber('PORT', env.PORT ?? '4000', problems);
  const origins = list(env.ORIGINS ?? (isProduction ? '' : `http://localhost:${port},http://localhost:5173`));
  if (origins.length === 0)
    problems.push('ORIGINS is not set. Name where browsers find the application, such as https://example.com.');
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      problems.push(`ORIGINS has "${origin}", which is no origin. Write it like https://example.com, without a path.`);
    } else if (isProduction && !origin.startsWith('https://')) {
      problems.push(`ORIGINS has "${origin}". In production cookies need https.`);
    }
  }
  const token = env.METRICS_TOKEN ?? '';
  if (token !== '' && token.length < 32) problems.push('METRICS_TOKEN is shorter than 32 characters.');
  const settings = {
    ...{ isProduction, port, origins },
    store: readStore(env, isProduction, problems),
    proxies: wholeNumber('TRUSTED_PROXIES', env.TRUSTED_PROXIES ?? '0', problems),
    passwordCost: 2 ** 16,
    uploads: env.UPLOADS ?? 'uploads',
    metricsToken: token === '' ? null : token,
    secrets: readSecrets(env, isProduction, problems),
  };
  if (problems.length > 0)
    throw new Error(`The environment is not right:\n${problems.map((one) => `  ${one}`).join('\n')}`);
  return settings;
}

/** What is stored where, in words for the log. It names no passwords. */
export function describeStore(store: StoreSettings): string {
  if (store.kind === 'sqlite') return `the SQLite file ${store.file}`;
  const hosts = store.urls.map((url) => new URL(url).host).join(', ');
  return `MySQL on ${hosts}, ${store.redis === null ? 'without Redis' : `Redis on ${new URL(store.redis).host}`}`;
}

function readStore(env: Environment, isProduction: boolean, problems: string[]): StoreSettings {
  const urls = list(env.MYSQL_URL ?? '');
  const redis = env.REDIS_URL ?? '';
  if (urls.length > 0) {
    if (env.SQLITE_FILE !== undefined) problems.push('MYSQL_URL and SQLITE_FILE are both set. Choose one.');
    if (isProduction && redis === '') problems.push('REDIS_URL is not set. Name a Redis, or write REDIS_URL=none.');
    for (const [name, url] of [...urls.map((one) => ['MYSQL_URL', one] as const), ['REDIS_URL', redis] as const]) {
      if (url !== '' && url !== 'none' && !URL.canParse(url)) problems.push(`${name} is no URL.`);
    }
    return { kind: 'mysql', urls, redis: redis === '' || redis === 'none' ? null : redis };
  }
  if (redis !== '' && redis !== 'none')
    problems.push('REDIS_URL is set, and MYSQL_URL is not: an SQLite file has no cache.');
  if (isProduction && env.SQLITE_FILE === undefined) {
    problems.push('No store is chosen. Set MYSQL_URL, or SQLITE_FILE for one machine.');
  }
  return { kind: 'sqlite', file: env.SQLITE_FILE ?? '__NAME__.db' };
}

/** All processes that share a Redis have the same secrets. Alone, a process makes its own. */
function readSecrets(env: Environment, isProduction: boolean, problems: string[]): readonly string[] {
  const secrets = list(env.REACTIVE_SECRET ?? '');
  const isShared = isProduction || (env.REDIS_URL ?? 'none') !== 'none';
  if (secrets.length === 0 && isShared) problems.push('REACTIVE_SECRET is not set. Make one: openssl rand -base64 32');
  for (const secret of secrets) {
    if (secret.length < 32 || new Set(secret).size < 12)
      problems.push('REACTIVE_SECRET can be guessed. Make another one: openssl rand -base64 32');
  }
  return secrets.length > 0 ? secrets : [randomBytes(32).toString('base64')];
}

function list(text: string): readonly string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function wholeNumber(name: string, text: string, problems: string[]): number {
  if (!/^\d{1,5}$/.test(text)) problems.push(`${name} is "${text}". Write a whole number.`);
  return Number(text);
}
