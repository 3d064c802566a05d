import { codeAt } from '../../utils/codeAt.ts';
import { ownText } from '../../utils/ownText.ts';

const BLANK = 32;
const BREAK = 10;
const PLUS = 43;
const EQUALS = 61;
const ZERO = 48;
const ID_LENGTH = 36;

/**
 * Reads a text of Redis from left to right. The text may be malformed: a missing part is `NaN`, or an empty text. It
 * compares character codes, since every row of every page is read here and a regular expression takes three times as long.
 */
export class TextReader {
  readonly #text: string;
  #at: number;

  constructor(text: string, start: number) {
    this.#text = text;
    this.#at = start;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** `codeAt` behind the end would make V8 give up its short way for all of its callers, those that write responses among them. */
  #isHere(code: number): boolean {
    return this.#at < this.#text.length && codeAt(this.#text, this.#at) === code;
  }

  /** The digits here, or behind the blank that is here. */
  number(): number {
    const text = this.#text;
    let at = this.#at;
    if (this.#isHere(BLANK)) at++;
    let value = Number.NaN;
    for (; at < text.length; at++) {
      const digit = codeAt(text, at) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = Number.isNaN(value) ? digit : value * 10 + digit;
    }
    this.#at = at;
    return value;
  }

  /** Whether the line ends here. */
  get isAtLineEnd(): boolean {
    return this.isAtEnd || this.#isHere(BREAK);
  }

  /** The digits behind the plus that is here; `null` where none is. */
  difference(): number | null {
    if (!this.#isHere(PLUS)) return null;
    this.#at++;
    const value = this.#isHere(BLANK) ? Number.NaN : this.number();
    return this.isAtLineEnd ? value : Number.NaN;
  }

  /** The word behind the equals sign that is here; `null` where none is. */
  key(): string | null {
    if (!this.#isHere(EQUALS)) return null;
    const end = this.#text.indexOf(' ', this.#at);
    const start = this.#at + 1;
    this.#at = end === -1 ? this.#text.length : end;
    return ownText(this.#text.slice(start, this.#at));
  }

  /** The id that a new line begins with. */
  lineId(): string {
    const start = this.#at + 1;
    if (!this.#isHere(BREAK)) return '';
    this.#at = Math.min(start + ID_LENGTH, this.#text.length);
    return ownText(this.#text.slice(start, this.#at)); // ids are read again and again
  }

  /** The rest of the line, without the blank before it. */
  restOfLine(): string {
    const end = this.#text.indexOf('\n', this.#at);
    const start = this.#at;
    this.#at = end === -1 ? this.#text.length : end;
    return this.#text.slice(start + 1, this.#at);
  }

  /** All that is left, without the line break before it. */
  rest(): string {
    return this.#text.slice(this.#at + 1);
  }
}
