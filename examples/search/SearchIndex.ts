/** Titles in a full-text index of SQLite (FTS5), and the position of the feed that they came from, in one file. */
import { createRequire } from 'node:module';
import type { Kvetch } from 'planql/kvetch';

interface Sqlite {
  exec(sql: string): unknown;
  prepare(sql: string): { all(...values: readonly string[]): unknown[]; run(...values: readonly string[]): unknown };
  close(): unknown;
}

export class SearchIndex {
  readonly #sqlite: Sqlite;
  #isFollowing = false;

  /** `file`: a file, or `:memory:`. */
  constructor(file: string) {
    this.#sqlite = open(file);
    this.#sqlite.exec('CREATE VIRTUAL TABLE IF NOT EXISTS titles USING fts5(id UNINDEXED, title)');
    this.#sqlite.exec('CREATE TABLE IF NOT EXISTS feed (one INTEGER PRIMARY KEY CHECK (one = 1), position TEXT)');
  }

  /** The ids of books whose titles have all words, or words that begin with them: the best first. */
  find(words: string): string[] {
    const wanted = (words.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => `"${word}"*`).join(' ');
    if (wanted === '') return [];
    const found = this.#sqlite.prepare('SELECT id FROM titles WHERE titles MATCH ? ORDER BY rank').all(wanted);
    return found.map((row) => (row as { readonly id: string }).id);
  }

  /**
   * Follows the changes of books to their end, or with a signal until that is aborted. It goes on where it was, also after a
   * crash: a title and its position are one transaction. Where the position is too old it begins again.
   */
  async follow(kvetch: Kvetch, signal?: AbortSignal): Promise<void> {
    if (this.#isFollowing) throw new Error('The index is followed already.');
    this.#isFollowing = true;
    try {
      if (this.#position() === null) await this.#readAll(kvetch);
      await this.#followFrom(kvetch, signal).catch(async (error: { readonly code?: string }) => {
        if (error.code !== 'CHANGES_GONE') throw error;
        await this.#readAll(kvetch);
        await this.#followFrom(kvetch, signal);
      });
    } finally {
      this.#isFollowing = false;
    }
  }

  close(): void {
    this.#sqlite.close();
  }

  async #followFrom(kvetch: Kvetch, signal: AbortSignal | undefined): Promise<void> {
    const from = this.#position() ?? '';
    const end = signal === undefined ? { follow: false } : { signal, pollMs: 50 };
    for await (const change of kvetch.changes({ from, ...end })) {
      // an Error: a row that cannot be read; the title of before stays
      const isTitle = change.kind === 'object' && !(change.object instanceof Error);
      this.#together(() => {
        if (isTitle) this.#put(change.id, change.type === 'Book' ? change.object : null);
        this.#goOn(change.position);
      });
    }
  }

  /** All books. The position is older than what is read, so nothing that changes meanwhile is missed. */
  async #readAll(kvetch: Kvetch): Promise<void> {
    const position = await kvetch.changePosition();
    this.#sqlite.exec('DELETE FROM titles');
    for await (const { objects } of kvetch.browsePages('Book')) {
      this.#together(() => {
        for (const book of objects) if (!(book instanceof Error)) this.#put(book.id, book);
      });
    }
    this.#goOn(position);
  }

  /** Replaces what was there: it does not matter how often, or what came between. */
  #put(id: string, book: { readonly [attribute: string]: unknown } | null): void {
    this.#sqlite.prepare('DELETE FROM titles WHERE id = ?').run(id);
    if (book !== null) this.#sqlite.prepare('INSERT INTO titles VALUES (?, ?)').run(id, String(book.title ?? ''));
  }

  #position(): string | null {
    const [row] = this.#sqlite.prepare('SELECT position FROM feed').all();
    return (row as { readonly position: string } | undefined)?.position ?? null;
  }

  #goOn(position: string): void {
    this.#sqlite.prepare('INSERT OR REPLACE INTO feed VALUES (1, ?)').run(position);
  }

  #together(run: () => void): void {
    this.#sqlite.exec('BEGIN');
    try {
      run();
      this.#sqlite.exec('COMMIT');
    } catch (error) {
      this.#sqlite.exec('ROLLBACK');
      throw error;
    }
  }
}

/** The SQLite that comes with Node, from Node 22.13 on; before, the package libsql. */
function open(file: string): Sqlite {
  const require = createRequire(import.meta.url);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 13)) return new (require('node:sqlite').DatabaseSync)(file);
  return new (require('libsql'))(file);
}
