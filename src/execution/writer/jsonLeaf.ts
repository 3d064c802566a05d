/** JSON since 2025: the text of a number, kept as it is. Node 20 lacks it. */
interface JsonWithRaw {
  rawJSON?(text: string): unknown;
  isRawJSON?(value: unknown): boolean;
  parse(text: string, revive: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
}

const json = JSON as unknown as JsonWithRaw;

/** A leaf that is an object, as the JSON that it had when it was completed. It is made once, even if `toJSON` has effects. */
export class LeafAsJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return parsed(this.text);
  }
}

/**
 * A serialised leaf, as it stands in a response that will be text: something that `JSON.stringify` prints the same at any time.
 * `key` is its response key or index, which `toJSON` gets. Undefined: JSON leaves it out.
 *
 * @throws what `JSON.stringify` throws.
 */
export function jsonLeaf(value: unknown, key: unknown): unknown {
  switch (typeof value) {
    case 'object':
    case 'bigint':
      break;
    case 'function':
    case 'symbol':
      return 'toJSON' in Object(value) ? leafOf(value, key) : undefined;
    default:
      return value;
  }
  if (value === null || json.isRawJSON?.(value) === true) return value;
  return leafOf(value, key);
}

function leafOf(value: unknown, key: unknown): unknown {
  const name = String(key);
  const whole = JSON.stringify({ [name]: value });
  // The text of an object with this one property, or with none.
  return whole === '{}' ? undefined : new LeafAsJson(whole.slice(JSON.stringify(name).length + 2, -1));
}

/** The value of a JSON text, with each number as it is written there. */
export function parsed(text: string): unknown {
  if (json.rawJSON === undefined) return JSON.parse(text);
  return json.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? json.rawJSON?.(source) : value,
  );
}
