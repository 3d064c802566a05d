import type { RequestArgs } from '../engine/RequestArgs.ts';

type IncrementalFormatName = NonNullable<RequestArgs['incrementalFormat']>;

/** The names of the formats in `Accept` headers: parameters of `multipart/mixed`. */
const FORMATS: readonly (readonly [RegExp, IncrementalFormatName])[] = [
  [/;\s*incrementalspec\s*=\s*"?v0\.2"?\s*(;|$)/i, 'current'],
  [/;\s*deferspec\s*=\s*"?20220824"?\s*(;|$)/i, '2022'],
];

/** The format of later parts that an `Accept` header asks for: the first that it names. Null: it names none. */
export function incrementalFormatOf(accept: string | null | undefined): IncrementalFormatName | null {
  for (const type of accept?.split(',') ?? []) {
    if (!/^\s*multipart\/mixed\b/i.test(type) || /;\s*q\s*=\s*0(\.0*)?\s*(;|$)/i.test(type)) continue;
    for (const [parameter, format] of FORMATS) if (parameter.test(type)) return format;
  }
  return null;
}
