import { setTimeout as sleep } from 'node:timers/promises';
import { createKvetch } from '../../kvetch/createKvetch.ts';
import { diagnose, type Finding } from '../../kvetch/mysql/diagnose.ts';
import type { SqliteShardStore } from '../../kvetch/sqlite/SqliteShardStore.ts';
import type { Action } from './kvetchCommand.ts';
import type { Config } from './loadConfig.ts';
import { storesOf } from './storesOf.ts';

export const doctor: Action = {
  summary:
    'Looks for problems of stores, tables, map, cleaners, settings, indexes, stored ids, expired objects, units and cache: how sure, and which command helps.',
  help: `  --json  one JSON document
The exit code is 1 when there are errors. Nothing is changed.`,
  options: { json: { type: 'boolean' } },
  async run(config, values, print) {
    const known = storesOf(config);
    const findings = [
      ...(known.kind === 'sqlite' ? diagnoseFiles(known.stores) : await diagnose(known.stores, Date.now())),
      ...(await diagnoseBackfills(config)),
      ...(await diagnoseStoredIds(config)),
      ...(await diagnoseExpired(config)),
      ...(await diagnoseUnits(config)),
      ...(await diagnoseCache(config)),
    ];
    if (values.json === true) print(JSON.stringify(findings, null, 2));
    else {
      for (const { severity, certainty, server, problem, remedy } of findings)
        print(`${severity} (${certainty})${server === null ? '' : ` ${server}`}: ${problem}\n  run or set: ${remedy}`);
      print(findings.length === 0 ? 'Nothing is wrong.' : `${findings.length} finding(s).`);
    }
    return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
  },
};

function diagnoseFiles(stores: readonly SqliteShardStore[]): readonly Finding[] {
  return stores.flatMap((store) =>
    store.check().map(
      (problem): Finding => ({
        ...{ severity: 'error', certainty: 'certain', server: store.name, problem },
        remedy: 'restore a backup, or "kvetch export" all readable rows and import them into new files',
      }),
    ),
  );
}

/** Reads of unfilled data get an error. */
async function diagnoseBackfills(config: Config): Promise<readonly Finding[]> {
  const building = await createKvetch({ ...config, outboxPollMs: 0 }).building();
  return building.map((label) => ({
    ...{ severity: 'warning', certainty: 'certain', server: null },
    problem: `The ${label} is not filled in yet for objects that were there before it: reads of it fail.`,
    remedy: 'run "kvetch clean" once all programs have this schema',
  }));
}

/** As many are named. */
const NAMED = 5;
/** Objects are looked at for so long. */
const LOOK_MS = 10_000;

/** Stored ids that name no object, where the schema says that there are none. */
async function diagnoseStoredIds(config: Config): Promise<readonly Finding[]> {
  const named: string[] = [];
  const found = await createKvetch({ ...config, outboxPollMs: 0 }).findDangling(LOOK_MS, ({ edge, id, storedId }) => {
    if (named.length < NAMED) named.push(`edge "${edge}": ${id} names ${storedId}`);
  });
  const { scanned, isWhole, danglingIds, waiting } = found;
  const among = isWhole ? '' : ` among the first ${scanned} objects`;
  const findings: Finding[] = [];
  if (danglingIds > 0)
    findings.push({
      ...{ severity: 'warning', certainty: 'certain', server: null },
      problem: `${danglingIds} stored id(s) name no object${among}: ${named.join('; ')}.`,
      remedy: 'clear these attributes, or delete the objects; "kvetch clean" names more of them',
    });
  if (waiting > 0)
    findings.push({
      ...{ severity: 'warning', certainty: 'likely', server: null },
      problem: `${waiting} object(s)${among} name a deleted one, and are to be deleted or cleared with it.`,
      remedy: 'wait where "kvetch stats" shows that it is under way, else run "kvetch clean"',
    });
  return findings;
}

/** Objects whose time came long ago: nobody sees them, but they take space. */
async function diagnoseExpired(config: Config): Promise<readonly Finding[]> {
  const { expired, old, isWhole } = await createKvetch({ ...config, outboxPollMs: 0 }).countExpired(LOOK_MS);
  if (old === 0) return [];
  return [
    {
      ...{ severity: 'warning', certainty: 'certain', server: null },
      problem: `${isWhole ? '' : 'At least '}${expired} object(s) have expired and are still stored, ${old} of them for more than a day.`,
      remedy: 'run "kvetch clean", or leave "kvetch clean --watch" running',
    },
  ];
}

/** A unit is settled by any process with a relay, or the next writer, within seconds. */
const SETTLED_MS = 10_000;

/** Objects that units over several servers have prepared: readers see their old state, and writers wait. */
async function diagnoseUnits(config: Config): Promise<readonly Finding[]> {
  const { prepared, preparedUs, isMore } = await createKvetch({ ...config, outboxPollMs: 0 }).openWork();
  const ageMs = preparedUs === null ? 0 : Date.now() - preparedUs / 1000;
  if (ageMs < SETTLED_MS) return [];
  return [
    {
      ...{ severity: 'warning', certainty: 'certain', server: null },
      problem: `${isMore ? 'At least ' : ''}${prepared} object(s) have a change of a unit that is not finished, the oldest for ${Math.floor(ageMs / 1000)} s: other writes of them wait.`,
      remedy:
        'start the servers that do not answer, then run "kvetch clean": it applies what was decided and takes back the rest',
    },
  ];
}

/** A cache that cannot be reached costs time, not answers. */
async function diagnoseCache({ cache }: Config): Promise<readonly Finding[]> {
  if (cache == null || !('ready' in cache) || typeof cache.ready !== 'function') return [];
  const late = sleep(2000, 'late', { ref: false });
  const outcome = await Promise.race([cache.ready(), late]).catch((error: Error) => error);
  if (outcome === undefined) return [];
  return [
    {
      ...{ severity: 'warning', certainty: outcome === 'late' ? 'likely' : 'certain', server: null },
      problem: 'Redis does not answer: reads go to the servers, a few at a time.',
      remedy: 'start Redis, or mend its address in the configuration',
    },
  ];
}
