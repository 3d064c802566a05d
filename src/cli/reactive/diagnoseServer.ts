import { appendAll } from '../../utils/appendAll.ts';
import {
  ask,
  DEFAULT_QUERY,
  firstEventMs,
  type ReadSet,
  type Reply,
  type ServerAddress,
  setOf,
  trySocket,
} from './serverProbe.ts';

/** Something that is wrong with a running server, or with what stands before it. */
export interface ServerFinding {
  readonly severity: 'error' | 'warning';
  readonly problem: string;
  readonly remedy: string;
}

export interface DiagnoseOptions {
  /** Sent in `init` of the socket. */
  readonly token?: string | undefined;
  /** How often the server is asked, each time on a connection of its own: behind a load balancer there are several. */
  readonly times: number;
  /** How long a silent socket is listened to. */
  readonly listenMs: number;
}

/** A first event that takes longer was kept back. */
const BUFFERED_MS = 3000;
/** Grants end by the clock. */
const CLOCK_MS = 5000;

const error = (problem: string, remedy: string): ServerFinding => ({ severity: 'error', problem, remedy });
const warning = (problem: string, remedy: string): ServerFinding => ({ severity: 'warning', problem, remedy });

/** Asks a running server for an answer with dependencies, and for news of it in all ways. It changes nothing. */
export async function diagnoseServer(
  server: ServerAddress,
  { token, times, listenMs }: DiagnoseOptions,
): Promise<readonly ServerFinding[]> {
  const answers: Reply[] = [];
  for (let n = 0; n < times; n++) {
    const body = { query: server.query, extensions: { reactive: { v: 1 } } };
    answers.push(await ask(server, server.graphql, body));
  }
  const ready = await ask(server, '/readyz', null);
  const sets = answers.map(setOf).filter((one) => one !== null);
  const found = [...answerFindings(server, answers, sets), ...readyFindings(ready), ...clockFindings(answers)];
  const { set } = sets.find((one) => one.set !== null) ?? {};
  if (set == null) return found;
  const polls: Reply[] = [];
  for (let n = 0; n < times; n++) polls.push(await ask(server, `${server.deps}/poll`, { v: 1, sets: [set] }));
  appendAll(found, pollFindings(server, polls));
  if (polls.every(({ status }) => status !== 200)) return found;
  const firstMs = await firstEventMs(server, BUFFERED_MS);
  if (firstMs === null) {
    const problem = `The first event of ${server.deps}/stream did not come within ${BUFFERED_MS / 1000} s: something keeps event streams back.`;
    found.push(warning(problem, 'switch buffering off for this path in the proxy (nginx: proxy_buffering off)'));
  }
  const trial = await trySocket(server, { set, token, listenMs });
  return [...found, ...socketFindings(server, trial, listenMs)];
}

function answerFindings(
  { graphql, query }: ServerAddress,
  answers: readonly Reply[],
  sets: readonly ReadSet[],
): ServerFinding[] {
  const failed = answers.find(({ status }) => status !== 200);
  if (failed !== undefined) {
    const seen = failed.status === 0 ? failed.failure : `status ${failed.status}`;
    return [error(`${graphql} does not answer: ${seen}.`, 'start the server, or name the path with --graphql')];
  }
  if (sets.length < answers.length) {
    const many = sets.length === 0 ? 'Answers have' : 'Some answers have';
    return [
      error(
        `${many} no extensions.reactive, though the request asks for it.`,
        'give "extensions" of the request and a "subject" to reactive.execute on all servers; with --header the session of a viewer who may ask',
      ),
    ];
  }
  const statuses = new Set(sets.map(({ status }) => status));
  const found: ServerFinding[] = [];
  if (statuses.has('unavailable'))
    found.push(error('The version store did not answer: answers are "unavailable".', 'look at Redis and its address'));
  if (statuses.has('overflow'))
    found.push(warning('The answer has too many keys ("overflow").', 'ask for less with --query, or raise "maxKeys"'));
  if (statuses.has('partial') && query !== DEFAULT_QUERY) {
    const remedy = 'have resolvers and loaders say what they read: dependsOn, recordDependency';
    found.push(warning('A part of the answer says nothing of what it depends on ("partial").', remedy));
  }
  return found;
}

function readyFindings({ status }: Reply): ServerFinding[] {
  if (status === 200) return [];
  if (status === 503) return [error('/readyz says 503: the version store does not answer.', 'look at Redis')];
  return [
    warning(`/readyz gives ${status}, not 200.`, 'let it through to the invalidation server: load balancers ask it'),
  ];
}

function clockFindings(answers: readonly Reply[]): ServerFinding[] {
  const all = answers.flatMap(({ ahead }) => (ahead === null ? [] : [ahead]));
  // What is certain, however long the answers took.
  const [latest, earliest] = [Math.max(...all.map(({ least }) => least)), Math.min(...all.map(({ most }) => most))];
  const remedy = 'run a time service (NTP) on all servers: grants end by the clock';
  if (latest - earliest > CLOCK_MS)
    return [error(`The clocks of servers are ${seconds(latest - earliest)} apart.`, remedy)];
  const apart = Math.max(latest, -earliest);
  if (apart <= CLOCK_MS) return [];
  return [warning(`The server's clock is ${seconds(apart)} from that of this machine.`, remedy)];
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`;
}

function pollFindings({ deps }: ServerAddress, polls: readonly Reply[]): ServerFinding[] {
  const count = (holds: (reply: Reply) => boolean): number => polls.filter(holds).length;
  const failed = polls.find(({ status }) => status !== 200);
  const found: ServerFinding[] = [];
  if (failed !== undefined) {
    const remedies: Readonly<Record<number, string>> = {
      401: '"subject" (authenticate) must know the session that GraphQL knows: both get the headers of the same request',
      403: 'name the origin of the page in "origins"',
      404: 'attach the invalidation server (attachReactive), or name its path with --deps',
      503: 'look at Redis',
    };
    const remedy = remedies[failed.status] ?? 'look at the log of the server';
    found.push(error(`${deps}/poll gives ${failed.status === 0 ? failed.failure : failed.status}.`, remedy));
  }
  const expired = count(({ json }) => json.expired !== undefined);
  if (expired === polls.length) {
    const problem = 'The server refuses the keys that it has just given: clients fetch everything again and again.';
    const remedy =
      '"subject" of attachReactive must give the text that reactive.execute was given as "subject" for this client; GraphQL and invalidation servers need the same "secrets" and "tenant"; planql_deps_expired_total in /metrics has the reason';
    found.push(error(problem, remedy));
  } else if (expired > 0) {
    const problem = `${expired} of ${polls.length} times a server refused keys that another one gave.`;
    found.push(error(problem, 'give all servers the same "secrets", "tenant" and "subject"'));
  }
  if (count(({ json }) => json.reset !== undefined) > 0) {
    const problem =
      'Servers count changes in different version stores: clients of one server are not told of changes that another one makes.';
    found.push(
      error(problem, 'use redisVersions with the same Redis and prefix on all servers, in place of memoryVersions'),
    );
  }
  return found;
}

function socketFindings(
  { deps }: ServerAddress,
  { messages, ended }: Awaited<ReturnType<typeof trySocket>>,
  listenMs: number,
): ServerFinding[] {
  const path = `${deps}/socket`;
  if (!messages.includes('ready')) {
    const seen = ended ?? 'nothing came';
    const remedy =
      ended === '4401'
        ? '"subject" must know the session by the cookie of the socket, or by --token'
        : /403/.test(seen)
          ? 'name the origin of the page in "origins"'
          : 'have the proxy pass "Upgrade" and "Connection" on (nginx: proxy_http_version 1.1), and attach the invalidation server';
    return [error(`No WebSocket at ${path}: ${seen}.`, remedy)];
  }
  const found: ServerFinding[] = [];
  if (messages.includes('expired'))
    found.push(error(`The socket refuses keys that ${deps}/poll takes.`, '"subject" must be the same for sockets'));
  if (ended !== null) {
    const problem = `The WebSocket at ${path} ended (${ended}) within ${seconds(listenMs)}.`;
    found.push(
      warning(problem, 'have the proxy wait longer than the heartbeat of 12 s before it ends a silent connection'),
    );
  }
  return found;
}
