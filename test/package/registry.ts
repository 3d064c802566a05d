/**
 * A registry on this machine with the packages of node_modules, from which npm installs what a user of the package
 * would have it install: no network is needed.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readSource, repositoryRoot } from '../support/repository.ts';

interface LockedPackage {
  readonly version: string;
  /** That of an alias, which is installed by another name. */
  readonly name?: string;
}

/** A version of a package: its folder, or null where this platform has none of it. */
interface Version {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly folder: string | null;
}

export interface Registry {
  readonly url: string;
  close(): void;
}

export async function startRegistry(): Promise<Registry> {
  const packages = lockedPackages();
  const server: Server = createServer(({ url: path = '' }, response) => {
    const [, name = '', version] = /^\/(.+?)(?:\/-\/(.+)\.tgz)?$/.exec(decodeURIComponent(path)) ?? [];
    const versions = packages.get(name);
    const folder = versions?.get(version ?? '')?.folder ?? null;
    if (versions !== undefined && version === undefined) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(packument(name, versions)));
    } else if (folder !== null) response.end(gzipSync(tarOf(folder), { level: 1 }));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.unref();

  function packument(name: string, versions: ReadonlyMap<string, Version>): object {
    const described = [...versions].map(([version, { manifest }]) => {
      const tarball = `${url}/${name}/-/${version}.tgz`;
      return [version, { ...manifest, name, version, dist: { tarball } }] as const;
    });
    // the first is the one at the top of node_modules
    return { name, 'dist-tags': { latest: described[0]?.[0] }, versions: Object.fromEntries(described) };
  }

  return { url, close: () => void server.close() };
}

/** By name and version. Those that are not installed, being for other platforms, are known from the lock file. */
function lockedPackages(): ReadonlyMap<string, ReadonlyMap<string, Version>> {
  const { packages } = JSON.parse(readSource('package-lock.json')) as { packages: Record<string, LockedPackage> };
  const byName = new Map<string, Map<string, Version>>();
  const byDepth = Object.entries(packages).sort(([left], [right]) => depthOf(left) - depthOf(right));
  for (const [path, locked] of byDepth) {
    if (path === '') continue;
    const name = locked.name ?? (path.split('node_modules/').at(-1) as string);
    const folder = join(repositoryRoot, path);
    const file = join(folder, 'package.json');
    const isThere = existsSync(file);
    const versions = byName.get(name) ?? new Map<string, Version>();
    byName.set(name, versions);
    if (versions.has(locked.version)) continue;
    versions.set(locked.version, {
      manifest: isThere ? JSON.parse(readFileSync(file, 'utf8')) : locked,
      folder: isThere ? folder : null,
    });
  }
  return byName;
}

function depthOf(path: string): number {
  return path.split('node_modules/').length;
}

/** The files of a folder as a tar archive, as npm expects it: under `package/`, without packages below. */
function tarOf(folder: string): Buffer {
  const blocks: Buffer[] = [];
  const add = (name: string, type: string, mode: number, bytes: Buffer): void => {
    blocks.push(tarHeader(name, type, mode, bytes.length), bytes, Buffer.alloc(-bytes.length & 511));
  };
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      if (entry.name === 'node_modules') continue;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      if (!entry.isFile()) continue;
      const file = join(folder, path);
      const name = `package/${path}`;
      // a name that has no room in a header stands before it
      if (Buffer.byteLength(name) > 100) add('long', 'x', 0o644, paxRecord('path', name));
      add(name.slice(0, 99), '0', statSync(file).mode & 0o777, readFileSync(file));
    }
  };
  walk('');
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function tarHeader(name: string, type: string, mode: number, size: number): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  header.write(name, 0);
  header.write(octal(mode, 7), 100);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\u0000 `, 148);
  return header;
}

/** A record begins with its own length. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (length !== Buffer.byteLength(`${length}${rest}`)) length = Buffer.byteLength(`${length}${rest}`);
  return Buffer.from(`${length}${rest}`);
}
