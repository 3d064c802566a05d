/** GraphQL over HTTP, accounts, files and the page. Written once: change it as you like. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { NoSchemaIntrospectionCustomRule } from 'graphql';
import { createYoga, type Plugin, useReadinessCheck } from 'graphql-yoga';
import { createEngine, SafeError } from 'planql';
import type { Kvetch } from 'planql/kvetch';
import { PentContext } from 'planql/pent';
import { usePlanql } from 'planql/server';
import { prometheusCounters } from 'planql/telemetry';
import { Accounts, type OpenSession } from './auth/accounts.ts';
import { SessionCookie } from './auth/cookies.ts';
import { answerAuth } from './auth/routes.ts';
import { model, schema } from './generated/plans.ts';
import { answerFiles, diskFiles } from './http/files.ts';
import { addressOf, refuse } from './http/guard.ts';
import { answerPage } from './http/page.ts';
import { createRateLimits } from './http/rateLimits.ts';
import type { Settings } from './settings.ts';
import type { Viewer } from './viewer.ts';

export interface App {
  readonly server: Server;
  /** Stops taking requests, finishes those that are under way, and closes what the application opened: not the store. */
  close(): Promise<void>;
}

/** `now` and `settings` are what tests change. */
export async function createApp(kvetch: Kvetch, settings: Settings, now: () => number = Date.now): Promise<App> {
  const engine = createEngine({
    schema,
    limits: { maxDepth: 20, maxFields: 5_000, planMs: 1_000, executionMs: 10_000 },
  });
  const limits = await createRateLimits(settings.store.kind === 'mysql' ? settings.store.redis : null);
  const accounts = new Accounts(kvetch, now);
  const cookie = new SessionCookie(settings.isProduction);
  const files = diskFiles(settings.uploads);
  const counters = settings.metricsToken === null ? null : prometheusCounters();

  // Each request asks for its session once, and only if something wants to know.
  const sessions = new WeakMap<Request, Promise<OpenSession | null>>();
  function sessionOf(request: Request): Promise<OpenSession | null> {
    let session = sessions.get(request);
    if (session === undefined) {
      session = accounts.sessionOf(cookie.read(request.headers.get('cookie')));
      sessions.set(request, session);
    }
    return session;
  }

  async function answer(request: Request, address: string, path: string): Promise<Response | null> {
    const page = await answerPage(request);
    if (page !== null) return page;
    const session = await sessionOf(request);
    await limits.request(session?.viewer.id ?? address);
    if (path === '/metrics' && counters !== null) {
      const isAllowed = request.headers.get('authorization') === `Bearer ${settings.metricsToken}`;
      return isAllowed ? new Response(counters.text()) : new Response(null, { status: 401 });
    }
    const told = await answerAuth({ accounts, cookie, limits }, request, address);
    return told ?? answerFiles(files, request, session !== null);
  }

  const routes: Plugin = {
    async onRequest({ request, serverContext, url, endResponse }) {
      if (url.pathname === '/health' || url.pathname === '/ready') return;
      const refused = refuse(request, settings.origins);
      if (refused !== null) return endResponse(refused);
      try {
        const answered = await answer(request, addressOf(messageOf(serverContext), settings.proxies), url.pathname);
        if (answered !== null) endResponse(answered);
      } catch (error) {
        endResponse(failed(error));
      }
    },
    async onResponse({ request, response }) {
      // A session that went on with a new token.
      const session = await sessions.get(request)?.catch(() => null);
      const isSet = response.headers.has('set-cookie');
      if (session != null && session.cookie !== null && !isSet) {
        response.headers.append('set-cookie', cookie.write(session.cookie));
      }
    },
    onValidate({ addValidationRule }) {
      if (settings.isProduction) addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  };

  const yoga = createYoga({
    schema,
    async context({ request }) {
      const viewer: Viewer = (await sessionOf(request))?.viewer ?? { id: null };
      return { pent: new PentContext({ kvetch, model, viewer, clock: now }) };
    },
    plugins: [
      routes,
      usePlanql(engine), // Yoga masks errors: clients read those that were written for them
      useReadinessCheck({
        endpoint: '/ready',
        check: async () => {
          await kvetch.browse('Session', { first: 1 });
        },
      }),
    ],
    cors: false, // pages of other origins read nothing
    multipart: false,
    landingPage: false,
    graphiql: !settings.isProduction && { title: '__NAME__' },
    healthCheckEndpoint: '/health',
  });
  const server = createServer(yoga);
  return {
    server,
    async close() {
      await shutDown(server);
      limits.close();
      counters?.stop();
    },
  };
}

/** Node's request: Yoga has it in what it calls the context of the server. */
function messageOf(serverContext: object): IncomingMessage {
  return (serverContext as { readonly req: IncomingMessage }).req;
}

function failed(error: unknown): Response {
  if (error instanceof SafeError) {
    const { status = 400, ...extensions } = error.extensions as { readonly status?: number };
    return Response.json({ errors: [{ message: error.message, extensions }] }, { status });
  }
  console.error(error);
  return Response.json({ errors: [{ message: 'Unexpected error.' }] }, { status: 500 });
}

async function shutDown(server: Server): Promise<void> {
  // A client that reuses its connection is told to open another one: closing it would cut a request on its way here.
  server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'));
  if (await isConnected(server)) await new Promise((resolve) => setTimeout(resolve, 250));
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const patience = setTimeout(() => server.closeAllConnections(), 10_000);
  await closed;
  clearTimeout(patience);
}

function isConnected(server: Server): Promise<boolean> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count > 0)));
}
