/** The names that were asked for, in the order of `all`. Throws an Error that says which there are. */
export function chosen(
  kind: string,
  list: string,
  all: readonly string[],
  matches: (name: string, asked: string) => boolean = (name, asked) => name === asked,
): readonly string[] {
  const asked = list.split(',').map((name) => name.trim());
  for (const one of asked) {
    if (!all.some((name) => matches(name, one))) {
      throw new Error(`There is no ${kind} ${JSON.stringify(one)}. There are: ${all.join(', ')}.`);
    }
  }
  return all.filter((name) => asked.some((one) => matches(name, one)));
}

/** How often and how long: what all benches are told in the same words. */
export const timeOptions = {
  rounds: { type: 'string' },
  milliseconds: { type: 'string' },
  quick: { type: 'boolean', default: false },
} as const;

export const timeUsage = `  --rounds <n>        how often each is measured, in turn; the median counts (3)
  --milliseconds <n>  how long each time (1000)
  --quick             1 round of 200 ms: a look, no measurement`;

export function timesOf(values: {
  readonly rounds?: string | undefined;
  readonly milliseconds?: string | undefined;
  readonly quick: boolean;
}): { readonly rounds: number; readonly milliseconds: number } {
  return {
    rounds: positive('rounds', values.rounds ?? (values.quick ? '1' : '3')),
    milliseconds: positive('milliseconds', values.milliseconds ?? (values.quick ? '200' : '1000')),
  };
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    throw new Error(`--${name} takes a whole number above 0, not ${JSON.stringify(text)}.`);
  }
  return number;
}

/** What the program was told; when that is wrong it says what is, how it is used, and ends. */
export function optionsOrExit<T>(parse: (argv: readonly string[]) => T, usage: string): T {
  try {
    return parse(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}
