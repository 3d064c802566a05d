import type { ByteState } from '../output/ByteState.ts';
import { byteWriter } from '../output/byteWriter.ts';
import type { ResponseForm } from '../output/completeRun.ts';
import type { OutputState } from '../output/OutputState.ts';
import type { OutputWriter } from '../output/OutputWriter.ts';
import { objectWriter } from '../output/objectWriter.ts';
import { byteFormOf, type ObjectResponse, objectFormOf, pieceFormOf } from '../output/responseForms.ts';
import { compileWhenHot, type Generator } from './compileObject.ts';
import { fusedBytes } from './fusedBytes.ts';
import { byteHelpers, fusedHelpers, objectHelpers } from './fusedHelpers.ts';
import { fusedObjects } from './fusedObjects.ts';
import { fuseWhenHot } from './fuseWhenHot.ts';
import { generateBuilder } from './generateBuilder.ts';
import { generateWriter } from './generateWriter.ts';
import { rowHelpers } from './rowHelpers.ts';

/** A writer that uses generated code for objects once they are hot. */
function compiled<TState extends OutputState>(
  writer: OutputWriter<TState>,
  generator: Generator,
): OutputWriter<TState> {
  return {
    ...writer,
    object: (fields, node, linked) =>
      compileWhenHot(linked, node, fields, writer.object(fields, node, linked), generator),
  };
}

const byteParts = { ...rowHelpers, ...fusedHelpers, ...byteHelpers };
const objectParts = { ...rowHelpers, ...fusedHelpers, ...objectHelpers };

/** Responses as objects. */
export const objectForm: ResponseForm<OutputState, ObjectResponse> = objectFormOf({
  ...compiled(objectWriter, generateBuilder),
  root: fuseWhenHot(fusedObjects, objectParts),
});

const compiledBytes: OutputWriter<ByteState> = {
  ...compiled(byteWriter, generateWriter),
  root: fuseWhenHot(fusedBytes, byteParts),
};

/** Responses as UTF-8 JSON. */
export const byteForm: ResponseForm<ByteState, Uint8Array> = byteFormOf(compiledBytes);

/** The same as consecutive pieces. */
export const pieceForm: ResponseForm<ByteState, readonly Uint8Array[]> = pieceFormOf(compiledBytes);
