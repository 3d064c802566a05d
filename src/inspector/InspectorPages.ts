import { randomBytes, timingSafeEqual } from 'node:crypto';
import { getOperationAST, parse } from 'graphql';
import { errorOf } from '../errors/errorOf.ts';
import type { Watches } from '../reactive/versions/Watches.ts';
import type { Peer } from '../utils/fromThisMachine.ts';
import { propertiesOf } from '../utils/propertiesOf.ts';
import { readBody } from '../utils/readBody.ts';
import { keyAdvice, keysByFanOut, stepAdvice } from './advice.ts';
import { answer, json, notFound } from './answers.ts';
import { cut } from './cut.ts';
import type { InspectorStats, ShownEngine } from './InspectedEngine.ts';
import type { OperationNote } from './OperationNote.ts';
import { invalidationJson, operationDetail, operationSummary } from './operationJson.ts';
import { inspectPage } from './page/inspectPage.ts';
import { planPage } from './planPage.ts';
import type { Recorder } from './Recorder.ts';
import type { Ring } from './Ring.ts';
import type { InvalidationRecord, OperationRecord } from './records.ts';

export interface PagesOptions {
  readonly engine: ShownEngine;
  readonly recorder: Recorder;
  readonly operations: Ring<OperationNote>;
  readonly invalidations: Ring<InvalidationRecord>;
  readonly stats: () => InspectorStats;
  /** Null: there is no reactive layer. */
  readonly watches: (() => Watches) | null;
  readonly path: string;
  readonly server: string;
  readonly showsVariables: boolean;
  readonly allow: (request: Request, peer: Peer | null) => boolean | Promise<boolean>;
  readonly replay: ((request: Request) => object | Promise<object>) | null;
}

const KEYS = 50;
const MAX_BODY = 64 * 1024;
const MAX_RESPONSE = 200_000;

type Handler = (request: Request, url: URL) => Response | Promise<Response>;

/** Answers the requests of the inspector's page. */
export class InspectorPages {
  readonly #options: PagesOptions;
  readonly #routes: ReadonlyMap<string, Handler>;
  /** A secret of the pages of this inspector: a page of another site cannot send it. */
  readonly #token = randomBytes(18).toString('base64url');
  #isReplaying = false;

  constructor(options: PagesOptions) {
    const { path } = options;
    this.#options = options;
    this.#routes = new Map<string, Handler>([
      [`GET ${path}`, (request, url) => (wantsJson(request) ? this.#json(url) : this.#page())],
      [`GET ${path}.json`, (_request, url) => this.#json(url)],
      [`GET ${path}/plan`, (_request, url) => this.#plan(url)],
      [`POST ${path}/replay`, (request) => this.#replay(request)],
    ]);
  }

  async handle(request: Request, peer: Peer | null): Promise<Response | null> {
    const url = new URL(request.url);
    const handler = this.#routes.get(`${request.method} ${url.pathname}`);
    if (handler === undefined) return null;
    if ((await this.#options.allow(request, peer)) !== true) return notFound();
    return handler(request, url);
  }

  #page(): Response {
    const { path, replay, showsVariables } = this.#options;
    const nonce = randomBytes(18).toString('base64url');
    const facts = { path, token: replay === null ? null : this.#token, showsVariables };
    return answer(200, 'text/html; charset=utf-8', inspectPage(facts, nonce), {
      'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    });
  }

  /** All records in short; with `?operation=` one with its steps; with `?changes=` of the last answer, only newer ones. */
  #json(url: URL): Response {
    const { operations, invalidations, stats, server, replay } = this.#options;
    const id = url.searchParams.get('operation');
    if (id !== null) {
      const record = this.#record(id);
      return record === null
        ? json(404, { error: 'The record is no longer kept.' })
        : json(200, operationDetail(record));
    }
    const figures = stats();
    const records = invalidations.newest();
    const state = `${figures.operations}.${figures.invalidations}.${figures.bytes}`;
    if (url.searchParams.get('changes') === state) return json(200, { changes: state });
    const kept = operations.newest().map((note) => note.record());
    const { keys, watches } = this.#keys(records);
    return json(200, {
      ...{ changes: state, server, now: Date.now(), stats: figures, canReplay: replay !== null },
      operations: kept.map(operationSummary),
      invalidations: records.map(invalidationJson),
      ...{ keys, watches },
      advice: [...stepAdvice(kept), ...keyAdvice(keys, watches)],
    });
  }

  #keys(records: readonly InvalidationRecord[]): { keys: ReturnType<typeof keysByFanOut>; watches: number } {
    const watches = this.#options.watches?.() ?? null;
    const keys = keysByFanOut(watches?.busiest(KEYS) ?? [], records, KEYS);
    return { keys, watches: watches?.size.watches ?? 0 };
  }

  #record(id: string | null): OperationRecord | null {
    const note = this.#options.operations.newest().find((one) => one.id === id);
    return note?.record() ?? null;
  }

  #plan(url: URL): Response {
    const record = this.#record(url.searchParams.get('operation'));
    const page = record === null ? null : planPage(this.#options.engine, record);
    if (page === null) return answer(404, 'text/plain; charset=utf-8', 'The text of the operation is no longer kept.');
    return answer(200, 'text/html; charset=utf-8', page, { 'content-security-policy': "frame-ancestors 'self'" });
  }

  async #replay(request: Request): Promise<Response> {
    const { replay, recorder, engine } = this.#options;
    if (replay === null) return notFound();
    if (!this.#isFromPage(request))
      return json(403, { error: 'Open the page anew: only it can run an operation again.' });
    const asked = await bodyOf(request);
    const { operation, variables } = propertiesOf(asked);
    const record = typeof operation === 'string' ? this.#record(operation) : null;
    if (record === null) return json(404, { error: 'The record is no longer kept.' });
    if (record.type !== 'query' || !record.isWhole) {
      return json(400, { error: 'Only a query whose text was kept whole can be run again.' });
    }
    const document = parse(record.text);
    if (getOperationAST(document, record.operationName)?.operation !== 'query') {
      return json(400, { error: 'Only a query can be run again.' });
    }
    if (this.#isReplaying) return json(429, { error: 'Another operation is being run again. Wait for it.' });
    this.#isReplaying = true;
    try {
      const own = await replay(request);
      const args = { ...own, document, operationName: record.operationName, variableValues: propertiesOf(variables) };
      const result = await recorder.replay(() => engine.execute(args));
      return json(200, { response: cut(JSON.stringify(result, null, 2), MAX_RESPONSE) });
    } catch (error) {
      return json(200, { response: errorOf(error).message });
    } finally {
      this.#isReplaying = false;
    }
  }

  #isFromPage({ headers }: Request): boolean {
    const given = Buffer.from(headers.get('x-planql-inspect') ?? '');
    const token = Buffer.from(this.#token);
    const isJson = headers.get('content-type')?.startsWith('application/json') === true;
    return isJson && given.length === token.length && timingSafeEqual(given, token);
  }
}

function wantsJson(request: Request): boolean {
  const accept = request.headers.get('accept') ?? '';
  return accept.includes('application/json') && !accept.includes('text/html');
}

/** The JSON of a body; undefined where it is none, or is too long. */
async function bodyOf(request: Request): Promise<unknown> {
  try {
    return JSON.parse((await readBody(request, MAX_BODY)) ?? '');
  } catch {
    return undefined;
  }
}
