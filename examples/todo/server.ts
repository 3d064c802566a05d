/** GraphQL over HTTP and WebSockets, accounts, files and the page. Written once: change it as you like. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import {
  type FormattedExecutionResult,
  type GraphQLError,
  type GraphQLFormattedError,
  NoSchemaIntrospectionCustomRule,
  parse,
} from 'graphql';
import type { ServerOptions } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga, type Plugin, useReadinessCheck } from 'graphql-yoga';
import { SafeError } from 'planql';
import type { Kvetch } from 'planql/kvetch';
import { PentContext } from 'planql/pent';
import { type AttachedReactive, attachReactive, createLiveQueries } from 'planql/reactive';
import { maskErrors, usePlanql } from 'planql/server';
import { prometheusCounters } from 'planql/telemetry';
import { Accounts, type OpenSession } from './auth/accounts.ts';
import { SessionCookie } from './auth/cookies.ts';
import { type Mailer, openMailer } from './auth/mail.ts';
import { answerAuth } from './auth/routes.ts';
import { model, schema } from './generated/plans.ts';
import { answerFile, answerUpload, diskFiles } from './http/files.ts';
import { addressOf, namesHost, refuse } from './http/guard.ts';
import { answerPage } from './http/page.ts';
import { createRateLimits } from './http/rateLimits.ts';
import { shutDown } from './http/shutDown.ts';
import { errorsWithoutSuggestions, withoutSuggestions } from './http/suggestions.ts';
import { type AppContext, type OpenReactive, reactiveFunctions, withoutIntrospection } from './reactive.ts';
import type { Settings } from './settings.ts';
import { stranger, viewerOf } from './viewer.ts';

export interface App {
  readonly server: Server;
  /** Stops taking requests, finishes those that are under way, and closes what the application opened: not the store. */
  close(): Promise<void>;
}

/** `now`, `mailer` and `settings` are what tests change. */
export interface AppParts extends Pick<OpenReactive, 'engine' | 'reactive'> {
  /** It tells `reactive` of its changes. */
  readonly kvetch: Kvetch;
  readonly settings: Settings;
  readonly mailer?: Mailer | null;
  readonly now?: () => number;
  /** How often it is looked whether the session of an open socket has ended, in milliseconds. */
  readonly recheckMs?: number;
}

export async function createApp({
  engine,
  reactive,
  kvetch,
  settings,
  now = Date.now,
  ...given
}: AppParts): Promise<App> {
  const { isProduction, origins } = settings;
  const limits = await createRateLimits(settings.store.kind === 'mysql' ? settings.store.redis : null);
  const accounts = new Accounts({
    ...{ kvetch, now, passwordCost: settings.passwordCost },
    ...{ mailer: given.mailer === undefined ? openMailer(settings) : given.mailer },
    resetLink: (token) => `${origins[0]}/#reset=${token}`,
    ended: (viewer) => reactive.recheck(viewer), // its sockets are closed, on all servers
  });
  const cookie = new SessionCookie(isProduction);
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

  /** The viewer of a socket, or of a request for news, by its cookie. It is asked for again while it is open. */
  const subjectOf = (request: Request): Promise<string | null> =>
    accounts.viewerOf(cookie.read(request.headers.get('cookie')));

  /** What an operation is executed with. `client`: the one who pays for it. */
  async function contextOf(id: string | null, client: string): Promise<AppContext> {
    const unknown = new PentContext({ kvetch, model, viewer: stranger });
    const viewer = id === null ? stranger : await viewerOf(unknown.unrestricted, id);
    const pent = new PentContext({ kvetch, model, viewer, clock: now });
    return { pent, charge: (cost) => limits.charge(client, cost) };
  }

  async function answer(request: Request, address: string, path: string): Promise<Response | null> {
    const kept = (await answerPage(request)) ?? (await answerFile(files, request));
    if (kept !== null) return kept;
    const session = await sessionOf(request);
    await limits.request(session?.viewer.id ?? address);
    if (path === '/metrics' && counters !== null) {
      const isAllowed = request.headers.get('authorization') === `Bearer ${settings.metricsToken}`;
      if (!isAllowed) return new Response(null, { status: 401 });
      return new Response(`${counters.text()}${attached.invalidations.metrics()}`);
    }
    const told = await answerAuth({ accounts, cookie, limits }, request, address);
    return told ?? answerUpload(files, request, { limits, viewer: session?.viewer.id ?? null });
  }

  const routes: Plugin = {
    async onRequest({ request, serverContext, url, endResponse }) {
      if (url.pathname === '/health' || url.pathname === '/ready') return;
      const refused = refuse(request, origins);
      if (refused !== null) return endResponse(refused);
      try {
        const answered = await answer(request, clientOf(serverContext), url.pathname);
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
      if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
    },
    onParse({ setParseFn }) {
      setParseFn((source, options) => parse(source, { ...options, maxTokens: 2_000 }));
    },
    onValidate({ addValidationRule }) {
      if (isProduction) addValidationRule(NoSchemaIntrospectionCustomRule);
    },
    onResultProcess({ result, setResult }) {
      if (isProduction && 'errors' in result) setResult(withoutSuggestions(result));
    },
  };

  /** The address of a request: Yoga has Node's request in its context. */
  const clientOf = (serverContext: object): string =>
    addressOf((serverContext as { readonly req: IncomingMessage }).req, settings.proxies);

  const yoga = createYoga({
    schema,
    async context({ request, ...serverContext }) {
      const id = (await sessionOf(request))?.viewer.id ?? null;
      return contextOf(id, id ?? clientOf(serverContext));
    },
    plugins: [
      routes,
      usePlanql(reactiveFunctions(engine, reactive)), // Yoga masks errors: clients read those that were written for them
      useReadinessCheck({
        endpoint: '/ready',
        check: async () => {
          await kvetch.browse('Session', { first: 1 });
        },
      }),
    ],
    cors: false, // pages of other origins read nothing
    multipart: false,
    maxRequestBodySize: 1024 * 1024, // in bytes; files have limits of their own
    landingPage: false,
    graphiql: !isProduction && { title: 'todo' },
    healthCheckEndpoint: '/health',
  });
  const server = createServer((request, response) => {
    if (namesHost(request)) void yoga(request, response);
    else response.writeHead(400).end();
  });
  const live = maskErrors(createLiveQueries({ reactive, limits: { perConnection: 50, perSubject: 200 } }));
  const attached: AttachedReactive = await attachReactive(server, {
    ...{ reactive, origins, allowMetrics: () => false },
    limits: { maxConnections: 100 }, // two of each tab
    async subject(request) {
      const id = await subjectOf(request);
      // Sockets have limits of their own.
      if (id !== null && request.method === 'POST') await limits.request(id);
      return id;
    },
    ...(given.recheckMs !== undefined && { recheckMs: given.recheckMs }),
    live: {
      queries: { schema, ...(isProduction ? withoutIntrospection(live) : live) },
      async context(request) {
        const id = await subjectOf(request);
        return contextOf(id, id ?? 'strangers');
      },
      useServer: (options, sockets) => useServer({ ...options, ...(isProduction && quiet) }, sockets),
    },
  });
  return {
    server,
    async close() {
      await attached.close();
      await shutDown(server);
      await accounts.close();
      limits.close();
      counters?.stop();
    },
  };
}

/** Functions of graphql-ws that look at results before they are sent. */
const quiet: ServerOptions = {
  onError: (_ctx, _id, _payload, errors) => quietErrors(errors),
  onNext: (_ctx, _id, _payload, _args, result) => result.errors && formatted(result, quietErrors(result.errors)),
};

function formatted(result: object, errors: readonly GraphQLFormattedError[]): FormattedExecutionResult {
  return { ...(result as FormattedExecutionResult), errors };
}

function quietErrors(errors: readonly GraphQLError[]): readonly GraphQLFormattedError[] {
  return errorsWithoutSuggestions(errors).map((error) => error.toJSON());
}

function failed(error: unknown): Response {
  if (error instanceof SafeError) {
    const { status = 400, ...extensions } = error.extensions as { readonly status?: number };
    return Response.json({ errors: [{ message: error.message, extensions }] }, { status });
  }
  console.error(error);
  return Response.json({ errors: [{ message: 'Unexpected error.' }] }, { status: 500 });
}
