import { setTimeout as sleep } from 'node:timers/promises';
import { diagnose, type Finding } from '../../kvetch/mysql/diagnose.ts';
import type { Action } from './kvetchCommand.ts';
import { type Config, clusterOf } from './loadConfig.ts';

export const doctor: Action = {
  summary:
    'Looks for what is wrong with servers, tables, map, cleaners, settings and cache: how sure, and what to run.',
  help: `  --json  one JSON document
The exit code is 1 when there are errors. Nothing is changed.`,
  options: { json: { type: 'boolean' } },
  async run(config, values, print) {
    const findings = [...(await diagnose(clusterOf(config).stores, Date.now())), ...(await diagnoseCache(config))];
    if (values.json === true) print(JSON.stringify(findings, null, 2));
    else {
      for (const { severity, certainty, server, what, remedy } of findings)
        print(`${severity} (${certainty})${server === null ? '' : ` ${server}`}: ${what}\n  run or set: ${remedy}`);
      print(findings.length === 0 ? 'Nothing is wrong.' : `${findings.length} finding(s).`);
    }
    return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
  },
};

/** A cache that cannot be reached costs time, not answers. */
async function diagnoseCache({ cache }: Config): Promise<readonly Finding[]> {
  const { ready } = (cache ?? {}) as { readonly ready?: () => Promise<void> };
  if (typeof ready !== 'function') return [];
  const late = sleep(2000, 'late', { ref: false });
  const outcome = await Promise.race([ready.call(cache), late]).catch((error: Error) => error);
  if (outcome === undefined) return [];
  return [
    {
      ...{ severity: 'warning', certainty: outcome === 'late' ? 'likely' : 'certain', server: null },
      what: 'Redis does not answer: reads go to the servers, a few at a time.',
      remedy: 'start Redis, or mend its address in the configuration',
    },
  ];
}
