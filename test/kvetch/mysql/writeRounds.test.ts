/** How many texts a write sends to MySQL: each is a round trip, but an edge and an entry go side by side. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { shardOfId } from '../../../src/kvetch/ids/routing.ts';
import {
  createKvetch,
  defineKvetchSchema,
  insertEdge,
  type Kvetch,
  type KvetchSchema,
  update,
} from '../../../src/kvetch.ts';
import { TcpProxy } from '../../support/tcpProxy.ts';
import { idsOf, todoStore } from '../todo.ts';
import { mysqlShards, mysqlSuite } from './rows.ts';

const COMMANDS: ReadonlySet<number | undefined> = new Set([0x03, 0x17]); // query, execute: a connection prepares a text once

/** The lists of the todo store; a user's stored id must name one. */
const strictSchema: KvetchSchema = defineKvetchSchema({
  objects: [
    { typeId: 100000, name: 'User' },
    { typeId: 100002, name: 'List' },
  ],
  edges: [
    {
      ...{ edgeId: 10000, name: 'user_to_list', from: 'User', storedOn: 'List', storedIdAttr: 'owner' },
      mustExist: true,
    },
  ],
});

for (const feed of [{}, { changeFeed: { retentionMs: 3_600_000 } }])
  mysqlSuite(
    `kvetch mysql: texts that writes send${'changeFeed' in feed ? ', with a change feed: as many' : ''}`,
    (test, server) => {
      let proxy: TcpProxy;
      let kvetch: Kvetch;
      let strict: Kvetch;
      let split: Kvetch;
      const halves: string[] = [];
      let sent: string[] = [];
      let user = '';
      let other = '';
      let friend = '';
      let list = '';
      let doomed: string[] = [];
      let named = 0;
      let changed = 1;

      test.before(async () => {
        proxy = await TcpProxy.open(Number(new URL(server.uri).port || 3306));
        proxy.rule((from, chunk) => {
          if (from === 'client' && COMMANDS.has(chunk[4])) {
            const text = chunk.subarray(5).toString('latin1');
            // Its note, and the decision of a unit, are ended behind the write, and not waited for.
            // A connection asks once whether it leads to Galera.
            if (!/^(DELETE FROM kvetch_(outbox|objects)|SHOW VARIABLES LIKE 'wsrep_on')/.test(text)) sent.push(text);
          }
          return 'pass';
        });
        const uri = Object.assign(new URL(server.uri), { hostname: '127.0.0.1', port: String(proxy.port) }).href;
        const stores = mysqlShards([{ uri, database: server.newDatabase() }], {
          createDatabase: true,
          connectionLimit: 4,
        });
        kvetch = todoStore(stores, { ...feed, outboxPollMs: 3_600_000 }); // so that writes leave notes
        strict = createKvetch({ schema: strictSchema, shards: stores, ...feed, outboxPollMs: 3_600_000 });
        const servers = [server.newDatabase(), server.newDatabase()].map((database) => ({ uri, database }));
        split = todoStore(mysqlShards(servers, { createDatabase: true, connectionLimit: 4 }), {
          ...feed,
          outboxPollMs: 3_600_000,
        });
        while (halves.length < 2) {
          const id = split.newId('User');
          if (shardOfId(id) < 2048 === (halves.length === 0))
            halves.push(await split.createObject('User', { n: 0 }, { id }));
        }
        user = await kvetch.createObject('User', { n: 0 });
        other = await kvetch.createObject('User', { n: 0 });
        friend = await kvetch.createObject('User', { n: 0 }, { near: user });
        list = await kvetch.createObject('List', { owner: user });
        doomed = idsOf(
          await kvetch.createObjects(
            'List',
            Array.from({ length: 9 }, () => ({ data: { owner: user } })),
          ),
        );
      });
      test.after(async () => {
        await kvetch.close();
        await split.close();
        await proxy.close();
      });

      const cases: ReadonlyArray<readonly [name: string, expected: number, write: () => Promise<unknown>]> = [
        ['an object without edges', 1, () => kvetch.createObject('User', { n: 1 })],
        [
          'an object in a list of another, then its edge and its entry',
          3,
          () => kvetch.createObject('List', { owner: user }),
        ],
        ['an object with a unique value', 4, () => kvetch.createObject('User', { username: `ada ${named++}` })],
        ['an update that changes no list', 2, () => kvetch.updateObject(user, { n: changed++ })],
        [
          'a move from one list to another',
          6,
          () => kvetch.updateObject(list, { owner: changed++ % 2 ? user : other }),
        ],
        ['a delete', 4, () => kvetch.deleteObject(doomed.pop() as string)],
        [
          'a plain edge, which its ends are read for',
          2,
          () => kvetch.insertEdge('friends', { fromId: user, toId: other }),
        ],
        ['an object whose stored id must exist: one more', 3, () => strict.createObject('List', { owner: user })],
        ['the same unchecked', 2, () => strict.with({ unchecked: true }).createObject('List', { owner: user })],
        [
          'a move to an owner that must exist: one more',
          5,
          () => strict.updateObject(list, { owner: changed++ % 2 ? user : other }),
        ],
        ['another update of such an object: none more', 2, () => strict.updateObject(list, { name: changed++ })],
        [
          'a unit of two updates and a plain edge between their objects',
          2,
          () =>
            kvetch.write([
              update(user, { n: changed++ }),
              update(friend, { n: changed++ }),
              insertEdge('friends', { fromId: user, toId: friend }),
            ]),
        ],
        [
          'a unit of an update and a plain edge: the other end is looked at in the text that locks',
          2,
          () => kvetch.write([update(user, { n: changed++ }), insertEdge('friends', { fromId: user, toId: other })]),
        ],
        [
          'a unit over two servers: each prepares (2) and applies (2), side by side, and one decides between: 5 round trips',
          9,
          () => split.write(halves.map((id) => update(id, { n: changed++ }))),
        ],
      ];
      for (const [name, expected, write] of cases) {
        test(`6.8: ${name}: ${expected}`, async () => {
          for (let times = 0; times < 8; times++) await write(); // all connections know its statements
          await sleep(50); // the ends of its notes
          sent = [];
          await write();
          assert.is(sent.length, expected, sent.map((text) => text.slice(0, 300)).join('\n---\n'));
        });
      }

      test('1,000 writes of a kind send at most 20 texts', async () => {
        const times = Array.from({ length: 1000 }, (_, n) => n);
        const users = idsOf(
          await kvetch.createObjects(
            'User',
            times.map((n) => ({ data: { n } })),
          ),
        );
        const lists = idsOf(
          await kvetch.createObjects(
            'List',
            times.map(() => ({ data: { owner: user } })),
          ),
        );
        const many: ReadonlyArray<readonly [string, () => Promise<readonly unknown[]>]> = [
          [
            'creates',
            () =>
              kvetch.createObjects(
                'List',
                times.map(() => ({ data: { owner: user } })),
              ),
          ],
          [
            'creates whose stored ids must exist',
            () =>
              strict.createObjects(
                'List',
                times.map((n) => ({ data: { owner: users[n] } })),
              ),
          ],
          ['updates', () => kvetch.updateObjects(lists.map((id) => ({ id, data: { name: 'x' } })))],
          ['moves', () => kvetch.updateObjects(lists.map((id) => ({ id, data: { owner: other } })))],
          [
            'edges',
            () =>
              kvetch.insertEdges(
                'friends',
                users.map((toId) => ({ fromId: user, toId })),
              ),
          ],
          ['deletes', () => kvetch.deleteObjects(lists.map((id) => ({ id })))],
        ];
        for (const [name, write] of many) {
          await sleep(50);
          sent = [];
          const answers = await write();
          assert.equal([answers.length, answers.filter((answer) => answer instanceof Error)], [1000, []], name);
          assert.ok(sent.length <= 20, `${name}: ${sent.length} texts`);
        }
      });
    },
  );
