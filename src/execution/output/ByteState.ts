import type { Driver } from '../driver/Driver.ts';
import type { ByteSink } from './ByteSink.ts';
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

  override settle(written: unknown): Promise<void> | null {
    const pending = super.settle(written);
    if (pending !== null) this.sink.position = this.#start;
    return pending;
  }
}
