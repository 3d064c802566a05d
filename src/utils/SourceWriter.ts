export interface SourceMark {
  readonly lines: number;
  readonly length: number;
  readonly indent: string;
}

/** Writes indented lines of JavaScript source. */
export class SourceWriter {
  readonly #lines: string[] = [];
  #indent = '';
  #length = 0;

  line(text: string): void {
    const line = `${this.#indent}${text}`;
    this.#length += line.length;
    this.#lines.push(line);
  }

  /** Writes a block: `head {`, the output of `body`, `}`. */
  block(head: string, body: () => void, tail = ''): void {
    this.line(`${head} {`);
    this.#indent += '  ';
    body();
    this.#indent = this.#indent.slice(2);
    this.line(`}${tail}`);
  }

  /** The number of characters so far, without the ends of lines. */
  get length(): number {
    return this.#length;
  }

  /** A point to which `reset` can return. */
  mark(): SourceMark {
    return { lines: this.#lines.length, length: this.#length, indent: this.#indent };
  }

  reset({ lines, length, indent }: SourceMark): void {
    this.#lines.length = lines;
    this.#length = length;
    this.#indent = indent;
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

/** Quotes any text as a JavaScript string literal. All outside text that enters source goes through here. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
