/** The package, installed from its tarball in an empty folder, follows the binlog of a real server (spec 11.8.10.3). */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { needs } from '../support/needs.ts';
import { reported } from '../support/reported.ts';
import { readSource } from '../support/repository.ts';
import { type OwnMariadb, startMariadb } from '../support/servers.ts';
import { until } from '../support/until.ts';
import { install } from './built.ts';
import { runWith } from './run.ts';

const test = needs(suite('the package, installed from its tarball, follows a binlog'), 'mariadbd');
let server: OwnMariadb;
let folder: string;
let add: (...names: readonly string[]) => Promise<unknown>;
const ends: (() => unknown)[] = [];

test.before(
  reported(async () => {
    const { tarball, npm } = await install();
    folder = join(dirname(tarball), 'follower');
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'follower', version: '1.0.0', private: true }));
    add = (...names) => {
      const wanted = names.map(
        (name) => `${name}@${JSON.parse(readSource(`node_modules/${name}/package.json`)).version}`,
      );
      return runWith(npm, folder, 'npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', tarball, ...wanted);
    };
    await add('graphql');
    server = await startMariadb(['--server-id=1', '--log-bin=log', '--binlog-format=ROW']);
  }),
);
test.after.each(() => {
  for (const end of ends.splice(0)) end();
});
test.after(() => server.remove());

/** It prints its place and the keys that it tells, one a line. */
const program = `
const invalidator = createInvalidator({ versions: memoryVersions(), secrets: [{ id: 'a', secret: 's'.repeat(40) }] });
const { tell } = invalidator;
invalidator.tell = (keys) => tell.call(invalidator, keys).then((isTold) => (console.log('told ' + keys), isTold));
followChanges.mysql(invalidator, {
  connection: process.argv[2],
  tables: { shop: ['orders'] },
  keysOf: ({ before, after }) => [before, after].filter((row) => row !== null).map((row) => 'order:' + row.id + ':' + row.buyer),
  load: () => null,
  save: (place) => console.log('place ' + place),
}).catch((error) => {
  console.log(error.code + ' ' + error.message);
});
`;
const names = '{ createInvalidator, followChanges, memoryVersions }';
const programs = {
  'follower.mjs': `import ${names} from 'planql/reactive';${program}`,
  'follower.cjs': `const ${names} = require('planql/reactive');${program}`,
};

function start(file: string): { readonly child: ChildProcessWithoutNullStreams; lines(): readonly string[] } {
  const child = spawn(process.execPath, [file, server.uri], { cwd: folder });
  ends.push(() => child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data));
  return { child, lines: () => text.split('\n') };
}

for (const [file, source] of Object.entries(programs)) {
  test(`without its packages, ${file} says which one is to be installed`, async () => {
    writeFileSync(join(folder, file), source);
    const { child, lines } = start(file);
    await once(child, 'close');
    assert.match(
      lines()[0] ?? '',
      /^FOLLOW_PACKAGE followChanges.mysql needs the package mysql2: run "npm install mysql2"/,
    );
  });
}

test('with them, both tell what other programs write [11.8.10.3]', async () => {
  await add('graphql', 'mysql2', '@vlasky/zongji');
  const sql = await createConnection(server.uri);
  ends.push(() => sql.destroy());
  await sql.query('CREATE DATABASE shop');
  await sql.query('CREATE TABLE shop.orders (id INT PRIMARY KEY, buyer VARCHAR(20))');
  const followers = Object.keys(programs).map(start);
  for (const { lines } of followers) await until('it follows', () => lines().some((line) => line.startsWith('place ')));
  await sql.query("INSERT INTO shop.orders VALUES (1, 'ann')");
  await sql.query("UPDATE shop.orders SET buyer = 'zoë'");
  for (const { lines } of followers) {
    await until(`both are told: ${lines()}`, () => lines().join().includes('order:1:zoë'));
    const told = lines().flatMap((line) => (line.startsWith('told ') ? line.slice(5).split(',') : []));
    assert.equal([...new Set(told)], ['order:1:ann', 'order:1:zoë']);
  }
});

test.run();
