/** Files that viewers upload: POST /files with the file as the body, GET /files/<name>. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SafeError } from 'planql';
import { readBytes } from './bodies.ts';
import type { RateLimits } from './rateLimits.ts';

/** Where files are. `diskFiles` is one such place; S3 and its kin need these two calls. */
export interface FileStore {
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** The bytes, or null where there is no such file. */
  read(name: string): Promise<Uint8Array | null>;
}

export function diskFiles(folder: string): FileStore {
  return {
    async write(name, bytes) {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${name}.part`), bytes, { flag: 'wx' });
      await rename(join(folder, `${name}.part`), join(folder, name));
    },
    async read(name) {
      try {
        return await readFile(join(folder, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
  };
}

const MAX_BYTES = 5 * 1024 * 1024;

interface FileKind {
  readonly ending: string;
  readonly type: string;
  /** Whether a file that begins like this is one. What a client says of its file is not believed. */
  readonly isOne: (start: string) => boolean;
}

/** What may be uploaded. */
const kinds: readonly FileKind[] = [
  { ending: 'png', type: 'image/png', isOne: (start) => start.startsWith('\x89PNG\r\n\x1a\n') },
  { ending: 'jpg', type: 'image/jpeg', isOne: (start) => start.startsWith('\xff\xd8\xff') },
  { ending: 'webp', type: 'image/webp', isOne: (start) => start.startsWith('RIFF') && start.startsWith('WEBP', 8) },
  { ending: 'pdf', type: 'application/pdf', isOne: (start) => start.startsWith('%PDF-') },
];

/** Answers GET /files/<name>; null for others. Without a session: caches keep the answer, and it must have no cookie. */
export async function answerFile(files: FileStore, request: Request): Promise<Response | null> {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith('/files/') || request.method !== 'GET') return null;
  const [, name = '', ending] = /^\/files\/([0-9a-f-]{36}\.([a-z]+))$/.exec(pathname) ?? [];
  const kind = kinds.find((one) => one.ending === ending);
  const bytes = kind === undefined ? null : await files.read(name);
  if (kind === undefined || bytes === null)
    return Response.json({ message: 'There is no such file.' }, { status: 404 });
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': kind.type,
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    },
  });
}

/** Answers POST /files; null for others. */
export async function answerUpload(
  files: FileStore,
  request: Request,
  { limits, viewer }: { readonly limits: RateLimits; readonly viewer: string | null },
): Promise<Response | null> {
  if (new URL(request.url).pathname !== '/files' || request.method !== 'POST') return null;
  if (viewer === null) throw new SafeError('Sign in first.', { code: 'FORBIDDEN', status: 401 });
  await limits.upload(viewer);
  const bytes = await readBytes(request, MAX_BYTES);
  const start = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  const kind = kinds.find(({ isOne }) => isOne(start));
  if (kind === undefined) {
    const types = kinds.map(({ type }) => type).join(', ');
    throw new SafeError(`The file is of none of these types: ${types}.`, { code: 'UNSUPPORTED_TYPE', status: 415 });
  }
  const name = `${randomUUID()}.${kind.ending}`;
  await files.write(name, bytes);
  return Response.json({ url: `/files/${name}` }, { status: 201 });
}
