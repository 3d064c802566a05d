/** The built page of web/: "npm run build" makes it. */
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../web/dist/', import.meta.url));

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What the system says of paths that lead to no file. */
const noFile: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG']);

const headers = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/** The file of a path; null where there is none. */
export async function answerPage(request: Request): Promise<Response | null> {
  if (request.method !== 'GET') return null;
  const { pathname } = new URL(request.url);
  const file = join(folder, pathname === '/' ? 'index.html' : pathname);
  const type = types[extname(file)];
  if (type === undefined || !file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return null;
  try {
    const isKept = pathname.startsWith('/assets/'); // the name holds a digest
    return new Response(new Uint8Array(await readFile(file)), {
      headers: {
        ...headers,
        'content-type': type,
        'cache-control': isKept ? 'max-age=31536000, immutable' : 'no-cache',
      },
    });
  } catch (error) {
    if (!noFile.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return pathname === '/' ? new Response('The page is not built yet: npm run build', { status: 404 }) : null;
  }
}
