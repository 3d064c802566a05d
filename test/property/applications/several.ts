import { parse } from 'graphql';
import type { Answer, ApplicationRun } from './ApplicationRun.ts';
import { variablesFor } from './argumentsOf.ts';
import { answerOfOracle } from './ask.ts';
import { codesOf, differenceOf, isForClients, type Problem, plain } from './compare.ts';
import { type Data, dataFor, refusals, stored } from './data.ts';
import { type EntryWrite, entryData, pickEntry, pickPlain, putEntries } from './entries.ts';
import { makePart, type Part } from './makeDocument.ts';
import type { Row, Viewer } from './Oracle.ts';

/** A field of a mutation, without its selection. */
interface Field {
  readonly text: string;
  readonly declared: readonly string[];
  readonly given: Data;
  /** The object of its payload. */
  readonly row: Row;
  readonly wanted: ReadonlySet<string>;
  apply(): void;
}

/** A field with its selection, and what the selection shows once the field is done. */
interface Step {
  readonly name: string;
  readonly field: Field;
  readonly part: Part;
  readonly shown: Answer;
}

/** Fields of one mutation, each with a selection that reads what those before it have written. */
export async function writeSeveral(run: ApplicationRun): Promise<void> {
  const { random } = run;
  const viewer = random.pick(run.viewers);
  const given: Data = {};
  const steps: Step[] = [];
  for (let n = 0; n < 1 + random.below(3); n++) {
    const list = random.chance(0.5) ? pickPlain(run) : null;
    if (list === null && run.live().length === 0) return;
    const ends = list && pickEntry(run, list);
    if (list !== null && ends === null) continue;
    const field = ends === null ? updateField(run, viewer, n) : edgeField(run, viewer, n, ends);
    steps.push(stepOf(run, viewer, field, { name: `m${n}`, mark: `p${n}`, given }));
    if (field.wanted.size > 0) break; // what follows a refused field may be left out
  }
  if (steps.length > 0) await mutate(run, viewer, steps, given);
}

function edgeField(
  run: ApplicationRun,
  viewer: Viewer,
  n: number,
  ends: Pick<EntryWrite, 'list' | 'from' | 'to'>,
): Field {
  const { list, from, to } = ends;
  const isAdd = run.random.chance(0.75);
  const data = entryData(run, list);
  const withData = isAdd && data !== null;
  const isReadable = run.oracle.canRead(viewer, from) && run.oracle.canRead(viewer, to);
  const args = `from: $m${n}from, to: $m${n}to${withData ? `, data: $m${n}data` : ''}`;
  return {
    text: `m${n}: ${isAdd ? 'add' : 'remove'}_${list.name}(${args})`,
    declared: [`$m${n}from: UUID!`, `$m${n}to: UUID!`, ...(withData ? [`$m${n}data: EntryData!`] : [])],
    given: { [`m${n}from`]: from.id, [`m${n}to`]: to.id, ...(withData && { [`m${n}data`]: data }) },
    row: from,
    wanted: new Set(isReadable ? [] : ['NOT_FOUND']),
    apply: () => putEntries(run, { ...ends, isAdd, data }),
  };
}

function updateField(run: ApplicationRun, viewer: Viewer, n: number): Field {
  const row = run.random.pick(run.live());
  const { type } = row;
  const { ends: _, ...data } = dataFor(run, type, true);
  const isReadable = run.oracle.canRead(viewer, row);
  return {
    text: `m${n}: update${type.name}(id: $m${n}id, data: $m${n}data)`,
    declared: [`$m${n}id: UUID!`, `$m${n}data: Update${type.name}Data!`],
    given: { [`m${n}id`]: row.id, [`m${n}data`]: data },
    row,
    wanted: isReadable ? refusals(run, viewer, { type, row, data }) : new Set(['NOT_FOUND']),
    apply: () => run.oracle.put(row, stored(type, data)),
  };
}

/** Gives a field a selection, and lets the oracle do it and show its object. */
function stepOf(
  run: ApplicationRun,
  viewer: Viewer,
  field: Field,
  { name, mark, given }: { readonly name: string; readonly mark: string; readonly given: Data },
): Step {
  const { random, current, clientSchema } = run;
  const type = field.row.type.name;
  const part = makePart(random, current, clientSchema, { type, mark });
  Object.assign(given, field.given, variablesFor(run, part.slots));
  if (field.wanted.size === 0) field.apply();
  const declared = part.declared.length > 0 ? `(${part.declared.join(', ')})` : '';
  const object = `${type.toLowerCase()}(id: "${field.row.id}") { ${part.selection} }`;
  const document = parse(`query ${declared} { object: ${object} } ${part.fragments.join(' ')}`);
  const answer = answerOfOracle(run, { document, viewer, variableValues: given });
  return { name, field, part, shown: { ...answer, data: plain(answer.data) } };
}

async function mutate(run: ApplicationRun, viewer: Viewer, steps: readonly Step[], given: Data): Promise<void> {
  const declared = steps.flatMap(({ field, part }) => [...field.declared, ...part.declared]);
  const fields = steps.map(({ field, part }) => `${field.text} { object { ${part.selection} } }`);
  const fragments = steps.flatMap(({ part }) => part.fragments);
  const text = `mutation (${declared.join(', ')}) { ${fields.join(' ')} } ${fragments.join(' ')}`;
  const variableValues = run.cursors.realOf(given);
  run.note(`${text} as ${viewer.name} ${JSON.stringify(variableValues)}`);
  const answer = await run.execute({ document: run.parse(text), viewer, variableValues });
  const refused = steps.find(({ field }) => field.wanted.size > 0);
  if (refused !== undefined) return checkRefusal(run, refused, answer.errors ?? []);
  run.counts.written += steps.length;
  checkShown(run, steps, answer);
}

function checkRefusal(run: ApplicationRun, { name, field }: Step, errors: readonly Problem[]): void {
  const own = errors.find(({ path }) => path?.[0] === name);
  if (own === undefined || !field.wanted.has(String(own.extensions?.code)))
    throw run.difference(`${name} should be refused with ${[...field.wanted]}: ${JSON.stringify(errors)}`);
  run.counts.refused++;
}

function checkShown(run: ApplicationRun, steps: readonly Step[], { data, errors = [] }: Answer): void {
  const isWrong = steps.some(({ shown }) => shown.errors !== undefined);
  if (!isForClients(codesOf(errors)) || errors.length > 0 !== isWrong)
    throw run.difference(`errors ${JSON.stringify(errors)}`);
  const payloads = plain(data) as Readonly<Record<string, unknown>> | null;
  for (const { name, shown } of steps) {
    if (shown.errors !== undefined) continue;
    const found = differenceOf(run.cursors, payloads?.[name] ?? null, shown.data, name);
    if (found !== null) throw run.difference(found);
  }
}
