import { codeAt } from '../../utils/codeAt.ts';
import type { KeyState } from '../versions/VersionStore.ts';

const COMMA = 44;
const COLON = 58;
const ZERO = 48;
const UNKNOWN: KeyState = { version: 0, seq: 0 };

/**
 * The states of so many keys, with commas between: `<version>:<seq>`, with `:<milliseconds>` where a throttle counts; empty
 * where there is none. Null: the text is another one, and nothing may be concluded from it.
 */
export function parseStates(text: string, count: number): readonly KeyState[] | null {
  const states = new Array<KeyState>(count);
  const { length } = text;
  let at = 0;
  /** The digits here; -1: there are none. */
  const number = (): number => {
    const start = at;
    let value = 0;
    for (; at < length; at++) {
      const digit = codeAt(text, at) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    return at === start ? -1 : value;
  };
  const colon = (): boolean => at < length && codeAt(text, at++) === COLON;
  for (let place = 0; place < count; place++) {
    if (place > 0 && (at === length || codeAt(text, at++) !== COMMA)) return null;
    if (at === length || codeAt(text, at) === COMMA) {
      states[place] = UNKNOWN;
      continue;
    }
    const version = number();
    if (version === -1 || !colon()) return null;
    const seq = number();
    if (seq === -1) return null;
    if (at < length && codeAt(text, at) === COLON && (!colon() || number() === -1)) return null;
    states[place] = { version, seq };
  }
  return at === length ? states : null;
}
