/** Work that may take only so long. */
export abstract class Timed {
  /** Whether it has ended. */
  isOver = false;
  /** When its time is over. */
  end = 0;
  /** The one that began after it. */
  next: Timed | null = null;

  /** Its time is over, and it has not ended. */
  abstract expire(): void;
}

/**
 * One time limit for many short calls. One timer serves all: setting one for each call costs more than sending a
 * command.
 */
export class Deadlines {
  readonly #milliseconds: number;
  /** In the order in which they began, which is that of their ends. */
  #first: Timed | null = null;
  #last: Timed | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  begin(work: Timed): void {
    work.end = performance.now() + this.#milliseconds;
    if (this.#last === null) this.#first = work;
    else this.#last.next = work;
    this.#last = work;
    this.#timer ??= this.#inMilliseconds(this.#milliseconds);
  }

  /** Some work has ended. It is not kept by what began before it: V8 would keep all that follows, too. */
  ended(): void {
    let first = this.#first;
    while (first?.isOver === true) {
      const { next } = first;
      first.next = null;
      first = next;
    }
    this.#first = first;
    if (first === null) this.#last = null;
  }

  /** It need not keep the process: the connection does as long as somebody waits. */
  #inMilliseconds(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), milliseconds).unref();
  }

  #look(): void {
    const now = performance.now();
    const late: Timed[] = [];
    for (let work = this.#first; work !== null && work.end <= now; work = work.next) if (!work.isOver) late.push(work);
    for (const work of late) if (!work.isOver) work.expire();
    this.ended();
    this.#timer = this.#first === null ? null : this.#inMilliseconds(Math.ceil(this.#first.end - now));
  }
}
