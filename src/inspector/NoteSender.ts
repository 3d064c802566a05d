import type { Notes } from '../reactive/versions/VersionStore.ts';
import type { Note } from './notes.ts';

const WAIT_MS = 50;
/** With more of them waiting, others are not sent. */
const MAX_WAITING = 500;

/** Sends notes to other servers, many in one message. */
export class NoteSender {
  readonly #notes: Notes;
  #waiting: Note[] = [];
  #timer: NodeJS.Timeout | null = null;
  unsent = 0;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  send(note: Note): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.unsent++;
      return;
    }
    this.#waiting.push(note);
    this.#timer ??= setTimeout(() => this.#flush(), WAIT_MS).unref();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#flush();
  }

  #flush(): void {
    this.#timer = null;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length > 0) this.#notes.send(JSON.stringify(waiting));
  }
}
