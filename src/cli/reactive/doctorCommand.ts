import { type Command, UsageError } from '../Command.ts';
import { parseOptions } from '../readOptions.ts';
import { diagnoseServer } from './diagnoseServer.ts';
import { DEFAULT_QUERY } from './serverProbe.ts';

const text = { type: 'string' } as const;
const OPTIONS = {
  ...{ url: text, graphql: text, deps: text, query: text, token: text, times: text, wait: text },
  header: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;

/** Asks a running server, as its pages do, whether news of changes reach them. */
export const doctorCommand: Command = {
  words: ['doctor'],
  usage:
    '--url <address> [--header "cookie: session=…"] [--token <text>] [--query <text>] [--graphql /graphql] [--deps /deps] [--times 6] [--wait 15] [--json]   asks a running reactive server, as a page would: whether secrets and subjects fit together, Redis answers, sockets and event streams come through the proxy, clocks agree. --times: on so many connections, for servers behind a load balancer; --wait: how many seconds a silent socket is listened to. The exit code is 1 when there are errors',

  async run(args, print) {
    const { values } = parseOptions(args, OPTIONS);
    const { url, json, header, token, ...given } = values as Given;
    if (url === undefined) throw new UsageError('Missing: --url, the address of the server.');
    if (!URL.canParse(url)) throw new UsageError(`--url is "${url}". Write it like https://example.com.`);
    const server = {
      ...{ url: new URL(url), headers: headersOf(header ?? []), query: given.query ?? DEFAULT_QUERY },
      ...{ graphql: given.graphql ?? '/graphql', deps: given.deps ?? '/deps' },
    };
    const [times, wait] = [numberOf('times', given.times ?? '6'), numberOf('wait', given.wait ?? '15')];
    const findings = await diagnoseServer(server, { token, times, listenMs: wait * 1000 });
    if (json === true) print(JSON.stringify(findings, null, 2));
    else {
      for (const { severity, problem, remedy } of findings) print(`${severity}: ${problem}\n  ${remedy}`);
      print(findings.length === 0 ? 'Nothing is wrong.' : `${findings.length} finding(s).`);
    }
    return findings.some(({ severity }) => severity === 'error') ? 1 : 0;
  },
};

interface Given {
  readonly url?: string;
  readonly graphql?: string;
  readonly deps?: string;
  readonly query?: string;
  readonly token?: string;
  readonly times?: string;
  readonly wait?: string;
  readonly header?: readonly string[];
  readonly json?: boolean;
}

function headersOf(lines: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined)
        throw new UsageError(`--header "${line}": write it as "name: value".`);
      return [name.toLowerCase(), value];
    }),
  );
}

function numberOf(name: string, given: string): number {
  if (/^[1-9]\d{0,2}$/.test(given)) return Number(given);
  throw new UsageError(`--${name} is "${given}". Write a whole number from 1 to 999.`);
}
