import type { GraphQLError } from 'graphql';
import { isFederationDirective } from '../../federation/directives.ts';
import { didYouMean } from '../../utils/didYouMean.ts';
import { directives } from '../directives.ts';
import { isConflictMarker } from '../parse/conflictMarkers.ts';

type Remedy = string | ((found: readonly string[]) => string);

/** Remedies for the errors of graphql-js: its own words name only the mistake. */
const remedies: ReadonlyArray<readonly [message: RegExp, remedy: Remedy]> = [
  [
    /^Unknown directive "(@.+)"\.$/,
    ([, name = '']) =>
      isFederationDirective(name.slice(1))
        ? ` Import it from federation: extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["${name}"]).`
        : didYouMean(
            name,
            Object.keys(directives).map((known) => `@${known}`),
          ),
  ],
  [
    /^There can be only one directive named "@(.+)"/,
    ([, name = '']) => (Object.hasOwn(directives, name) ? ' Grapple has it: take the definition out.' : ' Rename one.'),
  ],
  [/^There can be only one type named/, ' Rename one, or write "extend type" to add fields.'],
  [/can only be used once at this location\.$/, ' Take one away.'],
  [/can only be defined once\.$/, ' Rename one, or take it away.'],
  [/^Syntax Error: Unexpected character/, ' Names are made of A-Z, a-z, 0-9 and _; texts are in quotes.'],
  [/cannot implement .* because it would create a circular reference\.$/, ' Take "implements" away.'],
  [/can only include Object types/, ' Take it out, or name the types that have it.'],
  [/must define one or more/, ' Add one, or take the type away.'],
  [/must not begin with "__"/, ' Rename it.'],
  [/^Cannot reference Input Object|cannot be provided a finite value/, ' Make one of these fields nullable.'],
  [/^Cannot extend type "(.+)" because it is not defined\.$/, ' Write it without "extend".'],
  [/must be Output Type but got/, ' Input types are for arguments only: write an object type or a scalar.'],
  [/must be Input Type but got/, ' Write an input type, an enum or a scalar.'],
  [/may not be used on/, ' Take it away there.'],
  [/^Required (argument|input field) .* cannot be deprecated\.$/, ' Make it nullable, or give it a default.'],
];

/** The parts that graphql-js leaves out: the remedy, and the place of the other one of two. */
export function remedyFor({ message, nodes = [], source, locations }: GraphQLError): string {
  const line = source?.body.split('\n')[(locations?.[0]?.line ?? 0) - 1] ?? '';
  if (isConflictMarker(line)) return ' This is a conflict marker of git: resolve the merge first.';
  const [first, ...others] = nodes;
  const elsewhere = others.find(
    ({ loc }) => loc !== undefined && first?.loc !== undefined && loc.source !== first.loc.source,
  )?.loc;
  const place =
    elsewhere === undefined ? '' : ` The other one is in ${elsewhere.source.name}, line ${elsewhere.startToken.line}.`;
  for (const [pattern, remedy] of remedies) {
    const found = pattern.exec(message);
    if (found !== null) return (typeof remedy === 'string' ? remedy : remedy(found)) + place;
  }
  return place;
}
