import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import type { ExecutionResult } from 'graphql';
import { createEngine, type RequestCost } from 'planql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LoadMessage } from '../../../src/telemetry/channels.ts';
import { idle } from '../../conformance/incrementalRoads.ts';
import { rejections } from '../../fuzz/attempt.ts';
import { attemptOf } from './attempt.ts';
import { type OwnRequest, resultsOf, Subject } from './Subject.ts';

/** More of them, from other seeds: `PLAN_SEEDS=2000 npm test -- property/plans/costs`. */
const seeds = Number(process.env.PLAN_SEEDS ?? 150);
const from = Number(process.env.PLAN_FROM ?? 1);

/** What ran. */
interface Loads {
  calls: number;
  keys: number;
}

async function loadsOf(run: () => Promise<unknown>): Promise<Loads> {
  const loads = { calls: 0, keys: 0 };
  const { start } = tracingChannel('planql:load');
  const note = (message: unknown): void => {
    loads.calls++;
    loads.keys += (message as LoadMessage).keys;
  };
  subscribe(start.name, note);
  try {
    await run();
    await idle();
  } finally {
    unsubscribe(start.name, note);
  }
  return loads;
}

/** The scalars of a response; of one in parts, those of all parts. */
function leavesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return value === null || value === undefined ? 0 : 1;
  return Object.values(value).reduce((sum: number, part) => sum + leavesIn(part), 0);
}

type Parts = { readonly initialResult: ExecutionResult; readonly subsequentResults: AsyncIterable<object> };

/** The data of all parts. */
async function partsOf(given: ExecutionResult | Parts): Promise<readonly unknown[]> {
  if (!('initialResult' in given)) return [given];
  const parts: unknown[] = [given.initialResult];
  for await (const { incremental = [] } of given.subsequentResults as AsyncIterable<{
    incremental?: readonly object[];
  }>)
    for (const { data, items } of incremental as readonly { data?: unknown; items?: unknown }[])
      parts.push({ data: data ?? items });
  return parts;
}

function assertBelow(what: string, ran: number, bound: number, seed: number): void {
  assert.ok(ran <= bound, `seed ${seed}: ${ran} ${what}, and the bound is ${bound}`);
}

const test = suite('bounds of random plans');

test(`${seeds} seeds never run more than their bound [13.2]`, async () => {
  let finite = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const subject = new Subject(attemptOf(seed));
    const { schema, isSubscription } = subject;
    const request = (): OwnRequest => subject.request(seed % 2);
    let cost: RequestCost;
    try {
      cost = await createEngine({ schema }).cost(request());
    } catch {
      continue; // its variables or its operation are refused
    }
    if (cost.unbounded === null) finite++;
    // What is open at run time counts rows as well: the budget is the bound.
    const engine = createEngine({ schema, limits: { maxRows: cost.rows, onUnbounded: 'RUN' } });
    let results: readonly unknown[] = [];
    const loads = await loadsOf(async () => {
      if (isSubscription) results = await resultsOf(engine.subscribe(request()));
      else if (subject.attempt.knobs.incremental)
        results = await partsOf((await engine.executeIncrementally(request())) as Parts);
      else results = [await engine.execute(request())];
    });
    rejections.length = 0; // property.test.ts looks at these
    const events = isSubscription ? 3 : 1;
    assertBelow('calls', loads.calls, cost.calls * events, seed);
    assertBelow('keys', loads.keys, cost.keys * events, seed);
    const leaves = results.reduce((sum: number, part) => sum + leavesIn((part as ExecutionResult).data), 0);
    assertBelow('leaves', leaves, cost.leaves * events, seed);
    assert.not.match(JSON.stringify(results), 'RESPONSE_LIMIT', `seed ${seed}: more than ${cost.rows} rows`);
  }
  assert.ok(finite > seeds / 3, `${finite} of ${seeds} have a bound`);
});

test.run();
