import type { Driver } from '../driver/Driver.ts';
import type { Assembly } from './Assembly.ts';
import { ByteAssembly } from './ByteAssembly.ts';
import type { ByteSink } from './ByteSink.ts';
import type { Hole } from './Hole.ts';
import { OutputState } from './OutputState.ts';

/** The state of writing a response as UTF-8 JSON. Positions return `BUBBLE` or nothing: the bytes are in the sink. */
export class ByteState extends OutputState {
  readonly sink: ByteSink;
  readonly #start: number;

  /** Writes to `sink` from `start` on. */
  constructor(driver: Driver, sink: ByteSink, start: number) {
    super(driver);
    this.sink = sink;
    this.#start = start;
  }

  override get position(): number {
    return this.sink.position;
  }

  override set position(position: number) {
    this.sink.position = position;
  }

  override get start(): number {
    return this.#start;
  }

  override beginAssembly(root: Hole): Assembly {
    return new ByteAssembly(this.sink, root);
  }
}
