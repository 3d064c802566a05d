import type { ObjectOutput } from '../../plan/Plan.ts';
import { functionOf } from '../../utils/functionOf.ts';
import type { LinkedPlan } from '../link/LinkedPlan.ts';
import type { Complete, OutputState } from '../output/OutputState.ts';
import type { ObjectFields } from '../output/OutputWriter.ts';
import { type LeafReader, leafReaders } from '../state/OwnLeaves.ts';
import { leafKeys } from '../state/ownReads.ts';
import { describeField } from './describeField.ts';
import { generateLeafReader } from './generateLeafReader.ts';
import { rowHelpers } from './rowHelpers.ts';

/** Writes the source of a body that returns a function for one object output. */
export type Generator = (linked: LinkedPlan, node: ObjectOutput) => string;

/** Code is generated for an output after this many of its objects: to make them costs about as much as to generate. */
const HOT_ROWS = 500;

/** After this many objects code is generated at once: a response is that large, or the event loop does not turn. */
const BUSY_ROWS = 2_000;

/**
 * Completes an object with closures, and with generated code once the object is hot. `slow` defines the meaning, and
 * generated code calls it in unusual cases.
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
      // If possible, not while a request waits.
      setImmediate(() => {
        fast ??= generatedSafely(linked, node, fields, slow, generator);
      });
    } else if (rows === BUSY_ROWS) fast = generatedSafely(linked, node, fields, slow, generator);
    return (fast ?? slow)(state, value, row);
  };
}

/** No caller could handle an error here: a defect of the generator costs speed, not the process. */
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
