/** `planql doctor --url`: each fault of a set-up that runs, in the way that it occurs (issue 38.3). */
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnoseServer } from '../../src/cli/reactive/diagnoseServer.ts';
import { doctorCommand } from '../../src/cli/reactive/doctorCommand.ts';
import { runCommand } from '../../src/cli/runCommand.ts';
import { createEngine, makeSchema } from '../../src/index.ts';
import {
  attachReactive,
  createReactive,
  dependsOn,
  manualKey,
  memoryVersions,
  type Reactive,
  type VersionStore,
} from '../../src/reactive.ts';

const test = suite('planql doctor --url');

const ends: (() => unknown)[] = [];
test.after.each(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Parts {
  readonly versions?: VersionStore;
  readonly secret?: string;
  /** Who asks GraphQL, and who asks for news. */
  readonly subjects?: readonly [string, string | null];
  readonly asks?: boolean;
  /** How far its clock is ahead. */
  readonly aheadMs?: number;
}

const a = (): number => {
  dependsOn(manualKey('a'));
  return 1;
};

/** An application whose parts fit together, unless told otherwise. */
async function open({ versions = memoryVersions(), subjects = ['ann', 'ann'], ...parts }: Parts = {}): Promise<number> {
  const schema = makeSchema({ typeDefs: 'type Query { a: Int }', objects: { Query: { resolvers: { a } } } });
  const secrets = [{ id: 'a', secret: parts.secret ?? 'a secret of sufficient length' }];
  const reactive = createReactive({ engine: createEngine({ schema }), versions, secrets }) as Reactive;
  const server = createServer(async (message, response) => {
    let text = '';
    for await (const part of message) text += part;
    const { query, extensions } = JSON.parse(text);
    const given = { document: parse(query), subject: subjects[0], ...(parts.asks !== false && { extensions }) };
    const date = new Date(Date.now() + (parts.aheadMs ?? 0)).toUTCString();
    response.setHeader('date', date).end(JSON.stringify(await reactive.execute(given)));
  });
  const attached = await attachReactive(server, { reactive, subject: () => subjects[1] });
  ends.push(
    () => attached.close(),
    () => reactive.close(),
  );
  return listen(server);
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => server.closeAllConnections(),
  );
  return (server.address() as AddressInfo).port;
}

/** A proxy before some servers, each in turn. */
async function proxy(
  ports: readonly number[],
  { passesUpgrades = true, buffers = false, endsAfterMs = 0 } = {},
): Promise<number> {
  let turn = 0;
  const next = (): number => ports[turn++ % ports.length] as number;
  const server = createServer((message, response) => {
    const { method, headers, url: path } = message;
    const asked = request({ port: next(), host: '127.0.0.1', method, headers, path }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      if (!buffers) return void answer.pipe(response);
      const parts: Buffer[] = [];
      answer.on('data', (part) => parts.push(part)).on('end', () => response.end(Buffer.concat(parts)));
    });
    asked.on('error', () => response.destroy());
    response.on('close', () => asked.destroy());
    message.pipe(asked);
  });
  if (passesUpgrades) {
    server.on('upgrade', (message: IncomingMessage, socket) => {
      const behind = connect(next(), '127.0.0.1', () => {
        const lines = message.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : []));
        behind.write(`GET ${message.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
        behind.pipe(socket).pipe(behind);
        if (endsAfterMs > 0) setTimeout(() => socket.destroy(), endsAfterMs);
      });
      for (const one of [behind, socket])
        one
          .on('error', () => undefined)
          .on('close', () => {
            behind.destroy();
            socket.destroy();
          });
    });
  }
  return listen(server);
}

async function problems(port: number, headers = {}): Promise<string> {
  const server = {
    url: new URL(`http://127.0.0.1:${port}`),
    graphql: '/graphql',
    deps: '/deps',
    query: '{ a }',
    headers,
  };
  const findings = await diagnoseServer(server, { times: 2, listenMs: 300 });
  return findings.map(({ severity, problem, remedy }) => `${severity}: ${problem} -> ${remedy}`).join('\n');
}

test('a set-up that is right has no findings, through a proxy and over two servers', async () => {
  const versions = memoryVersions();
  assert.is(await problems(await proxy([await open({ versions }), await open({ versions })])), '');
});

test('what does not fit together is named: no dependencies, subjects, secrets, version stores', async () => {
  assert.match(await problems(await open({ asks: false })), /error: Answers have no extensions.reactive/);
  assert.match(await problems(await open({ subjects: ['ann', 'bob'] })), /refuses the keys that it has just given/);
  assert.match(await problems(await open({ subjects: ['ann', null] })), /poll gives 401/);
  const versions = memoryVersions();
  const differing = [await open({ versions }), await open({ versions, secret: 'another secret of that length' })];
  assert.match(await problems(await proxy(differing)), /1 of 2 times a server refused keys that another one gave/);
  assert.match(await problems(await proxy([await open(), await open()])), /count changes in different version stores/);
});

test('a version store that is away, and a server that is', async () => {
  const versions = memoryVersions();
  const port = await open({ versions });
  versions.read = () => Promise.reject(new Error('away'));
  const found = await problems(port);
  assert.match(found, /answers are "unavailable"|does not answer/);
  const gone = createServer();
  const unused = await listen(gone);
  await new Promise((resolve) => gone.close(resolve));
  assert.match(await problems(unused), /\/graphql does not answer: .*ECONNREFUSED/);
});

test('what stands before the servers: no upgrades, kept-back streams, short patience, a foreign origin', async () => {
  const port = await open();
  assert.match(await problems(await proxy([port], { passesUpgrades: false })), /error: No WebSocket at \/deps\/socket/);
  assert.match(await problems(await proxy([port], { buffers: true })), /keeps event streams back/);
  assert.match(await problems(await proxy([port], { endsAfterMs: 100 })), /warning: The WebSocket .* ended \(1006\)/);
  assert.match(await problems(port, { origin: 'https://elsewhere.example' }), /No WebSocket .*403.*"origins"/s);
});

test('clocks that differ', async () => {
  const versions = memoryVersions();
  assert.match(await problems(await open({ aheadMs: 60_000 })), /warning: The server's clock is \d+ s from/);
  const differing = [await open({ versions }), await open({ versions, aheadMs: -60_000 })];
  assert.match(await problems(await proxy(differing)), /error: The clocks of servers are \d+ s apart/);
});

test('the command prints findings, or JSON, and refuses what it cannot read', async () => {
  const run = async (...args: readonly string[]): Promise<readonly [number, string]> => {
    const lines: string[] = [];
    const program = { name: 'planql', commands: [doctorCommand] };
    const code = await runCommand(program, ['doctor', ...args], (line) => lines.push(line));
    return [code, lines.join('\n')];
  };
  const url = `http://127.0.0.1:${await open({ subjects: ['ann', null] })}`;
  const [failed, text] = await run('--url', url, '--times', '1', '--wait', '1');
  assert.equal([failed, text.replace(/\n.*\n/, '\n')], [1, 'error: /deps/poll gives 401.\n1 finding(s).']);
  const [code, json] = await run('--url', url, '--times', '1', '--json');
  assert.equal([code, JSON.parse(json).length], [1, 1]);
  assert.equal(await run('--url', `http://127.0.0.1:${await open()}`, '--wait', '1'), [0, 'Nothing is wrong.']);
  for (const wrong of [[], ['--url', 'x'], ['--url', url, '--times', '0'], ['--url', url, '--header', 'x']])
    assert.is((await run(...wrong))[0], 2, wrong.join(' '));
});

test.run();
