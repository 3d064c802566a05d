import type { ObjectOutput } from '../../plan/Plan.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { Complete, OutputState } from '../output/OutputState.ts';
import type { ObjectFields } from '../output/OutputWriter.ts';
import { type LeafReader, leafReaders } from '../state/OwnLeaves.ts';
import { leafKeys } from '../state/watchValue.ts';
import { describeField } from './describeField.ts';
import { generateLeafReader } from './generateLeafReader.ts';
import { rowHelpers } from './rowHelpers.ts';

/** Writes the source of a body that returns a function for one object output. */
export type Generator = (linked: LinkedPlan, node: ObjectOutput) => string;

/** How many objects of an output closures make before code is generated for it: generating costs about as much. */
const HOT_ROWS = 500;

/** From here on it is generated at once: where the event loop never turns, or one response is that large, it pays. */
const BUSY_ROWS = 2_000;

/**
 * Completes an object with closures, and with generated code once the object has proved hot. `slow` is the
 * meaning: generated code calls it for whatever is out of the ordinary.
 */
export function compileWhenHot<TState extends OutputState>(
  linked: LinkedPlan,
  node: ObjectOutput,
  fields: ObjectFields<TState>,
  slow: Complete<TState>,
  generator: Generator,
): Complete<TState> {
  const { codegen } = linked.source;
  if (codegen === 'never') return slow;
  let fast: Complete<TState> | null = null;
  let rows = 0;
  return (state, value, row) => {
    if (fast !== null) return fast(state, value, row);
    if (codegen === 'always') fast = generated(linked, node, fields, slow, generator);
    else if (++rows === HOT_ROWS) {
      // Not while somebody waits for an answer, if that can be helped.
      setImmediate(() => {
        fast ??= generatedSafely(linked, node, fields, slow, generator);
      });
    } else if (rows === BUSY_ROWS) fast = generatedSafely(linked, node, fields, slow, generator);
    return (fast ?? slow)(state, value, row);
  };
}

/** Nobody waits here who could be told: a defect of the generator costs speed, not the process. */
function generatedSafely<TState extends OutputState>(...args: Parameters<typeof generated<TState>>): Complete<TState> {
  try {
    return generated(...args);
  } catch {
    return args[3];
  }
}

function generated<TState extends OutputState>(
  linked: LinkedPlan,
  node: ObjectOutput,
  fields: ObjectFields<TState>,
  slow: Complete<TState>,
  generator: Generator,
): Complete<TState> {
  const names = node.fields.map((field) => describeField(linked, field).names);
  linked.generatedFields += node.fields.length;
  linked.growth++;
  const values = [fields.compiled, names, slow, ...helperValues];
  const complete = functionOf(generator(linked, node), parameters, values) as Complete<TState> | null;
  if (complete === null) return slow;
  leafReaders.set(node, () => functionOf(generateLeafReader(leafKeys(linked.plan, node)), [], []) as LeafReader | null);
  return complete;
}

const parameters = ['fields', 'names', 'slow', ...Object.keys(rowHelpers)];
const helperValues = Object.values(rowHelpers);

/** Whether this process may make functions from text; a content security policy may forbid it. Found out by trying. */
let isAllowed = true;

/** This is the only place where planql makes a function from text. Null where that is forbidden. */
function functionOf(source: string, names: readonly string[], values: readonly unknown[]): unknown {
  if (!isAllowed) return null;
  try {
    return new Function(...names, `"use strict";\n${source}`)(...values);
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    isAllowed = false;
    return null;
  }
}
