import type { GraphQLError } from 'graphql';
import { bareObject, ended } from '../../utils/responseObject.ts';
import type { Driver } from '../driver/Driver.ts';
import { OMIT } from './ByteAssembly.ts';
import { ByteSink } from './ByteSink.ts';
import { ByteState } from './ByteState.ts';
import type { ResponseForm, SeriesCollector } from './completeRun.ts';
import { BUBBLE, OutputState } from './OutputState.ts';
import type { OutputWriter } from './OutputWriter.ts';

/** A response as an object. As in graphql-js, `errors` comes first and exists only if there are some. */
export interface ObjectResponse {
  errors?: readonly GraphQLError[];
  /** Absent if the request could not start. */
  data?: Record<string, unknown> | null;
}

/** The form of responses as objects. */
export const objectFormOf = (writer: OutputWriter<OutputState>): ResponseForm<OutputState, ObjectResponse> => ({
  writer,
  begin: (driver) => new OutputState(driver),
  whole: (state, data) => objectResponse(data === BUBBLE ? null : data, state.errors),
  series({ source }) {
    const data = bareObject();
    return {
      add(key, _state, value) {
        data[key] = value;
      },
      end: (isNull, errors) => objectResponse(isNull ? null : ended(data, source.responseObjects), errors),
    };
  },
});

function objectResponse(data: unknown, errors: readonly GraphQLError[]): ObjectResponse {
  const given = data as Record<string, unknown> | null;
  return errors.length === 0 ? { data: given } : { errors, data: given };
}

const utf8 = new TextEncoder();
const DATA = utf8.encode('{"data":');
const COMMA_DATA = utf8.encode(',"data":');
const ERRORS = utf8.encode('{"errors":');
const NULL = utf8.encode('null');
const CLOSE = utf8.encode('}');

/** Sinks that are free to use. More than one is needed only if writing a response leads to writing another. */
const sinks: ByteSink[] = [];

/** A larger buffer is handed to the caller with its response, and not reused. */
const LARGEST_KEPT = 8 * 1024 * 1024;

/** Growing a buffer copies it, so plans whose responses are large start with a large buffer. */
function takeSink({ linked }: Driver): ByteSink {
  if (linked.largeResponse > 0) return new ByteSink(linked.largeResponse);
  const sink = sinks.pop() ?? new ByteSink();
  sink.position = 0;
  return sink;
}

/** Takes the response out of a sink, which is then free for the next one. */
function takeResponse({ linked }: Driver, sink: ByteSink): Uint8Array {
  const isLarge = sink.position > LARGEST_KEPT;
  linked.largeResponse = isLarge ? Math.ceil(sink.position * 1.125) : 0;
  if (isLarge) return sink.view(0);
  const response = sink.copy(0);
  giveBack(sink);
  return response;
}

function giveBack(sink: ByteSink): void {
  if (sinks.length < 4 && sink.bytes.length <= LARGEST_KEPT) sinks.push(sink);
}

/** The form of responses as UTF-8 JSON. */
export const byteFormOf = (writer: OutputWriter<ByteState>): ResponseForm<ByteState, Uint8Array> => ({
  writer,
  begin: beginBytes,
  whole(state, data) {
    const { driver, sink, errors } = state;
    if (errors.length === 0) return takeResponse(driver, closed(sink));
    const response = join(piecesWithErrors(errors, data === BUBBLE ? NULL : sink.view(DATA.length)));
    giveBack(sink);
    return response;
  },
  series: () => seriesOf(join),
});

/** The same as consecutive pieces that are not copied: each is the buffer that it was written to. */
export const pieceFormOf = (writer: OutputWriter<ByteState>): ResponseForm<ByteState, readonly Uint8Array[]> => ({
  writer,
  begin: beginBytes,
  whole({ sink, errors }, data) {
    if (errors.length === 0) return [closed(sink).view(0)];
    return piecesWithErrors(errors, data === BUBBLE ? NULL : sink.view(DATA.length));
  },
  series: () => seriesOf((pieces) => pieces),
});

function beginBytes(driver: Driver): ByteState {
  const sink = takeSink(driver);
  sink.raw(DATA);
  return new ByteState(driver, sink, DATA.length);
}

function closed(sink: ByteSink): ByteSink {
  sink.raw(CLOSE);
  return sink;
}

function seriesOf<TResponse>(
  respond: (pieces: readonly Uint8Array[]) => TResponse,
): SeriesCollector<ByteState, TResponse> {
  const parts: Uint8Array[] = [];
  return {
    add(key, { sink }, value) {
      if (value !== OMIT) {
        parts.push(utf8.encode(`${parts.length === 0 ? '{' : ','}${JSON.stringify(key)}:`), sink.copy(DATA.length));
      }
      giveBack(sink);
    },
    end(isNull, errors) {
      const data = isNull ? NULL : parts.length === 0 ? utf8.encode('{}') : join([...parts, CLOSE]);
      return respond(errors.length === 0 ? [DATA, data, CLOSE] : piecesWithErrors(errors, data));
    },
  };
}

function piecesWithErrors(errors: readonly GraphQLError[], data: Uint8Array): readonly Uint8Array[] {
  return [ERRORS, encodeErrors(errors), COMMA_DATA, data, CLOSE];
}

/** If JSON cannot express the extensions of errors, they are left out. */
function encodeErrors(errors: readonly GraphQLError[]): Uint8Array {
  try {
    return utf8.encode(JSON.stringify(errors));
  } catch {
    const plain = errors.map(({ message, locations, path }) => ({ message, locations, path }));
    return utf8.encode(JSON.stringify(plain));
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}

/** Encodes a response object as UTF-8 JSON. */
export function encodeResponse(response: object): Uint8Array {
  return utf8.encode(JSON.stringify(response));
}

/** Decodes a response in UTF-8. */
export function decodeResponse(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
