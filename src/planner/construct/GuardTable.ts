import type { GuardNode } from '../../plan/Plan.ts';

export const ALWAYS = 0;
export const NEVER = 1;

/** The conditions of a plan. Equal ones have the same number; simple simplifications are applied. */
export class GuardTable {
  readonly nodes: GuardNode[] = [{ kind: 'always' }, { kind: 'never' }];
  readonly #numbers = new Map<string, number>();

  /** `absent` is the value where the request does not give the variable. */
  variable(name: string, absent = false): number {
    return this.#number(`${absent ? 'd' : 'v'}${name}`, { kind: 'variable', name, absent });
  }

  not(of: number): number {
    if (of === ALWAYS) return NEVER;
    if (of === NEVER) return ALWAYS;
    const node = this.nodes[of];
    return node?.kind === 'not' ? node.of : this.#number(`n${of}`, { kind: 'not', of });
  }

  and(a: number, b: number): number {
    if (a === NEVER || b === NEVER) return NEVER;
    if (a === ALWAYS || a === b || this.implies(b, a)) return b;
    if (b === ALWAYS || this.implies(a, b)) return a;
    return this.#pair('and', a, b);
  }

  or(a: number, b: number): number {
    if (a === ALWAYS || b === ALWAYS) return ALWAYS;
    if (a === NEVER || a === b || this.implies(a, b)) return b;
    if (b === NEVER || this.implies(b, a)) return a;
    return this.#pair('or', a, b);
  }

  /** Whether `a` can be seen, without solving anything, to hold only where `b` does. */
  implies(a: number, b: number): boolean {
    if (a === b || a === NEVER || b === ALWAYS) return true;
    const left = this.nodes[a];
    if (left?.kind === 'and' && (left.of[0] === b || left.of[1] === b)) return true;
    const right = this.nodes[b];
    return right?.kind === 'or' && (right.of[0] === a || right.of[1] === a);
  }

  #pair(kind: 'and' | 'or', a: number, b: number): number {
    const of: [number, number] = a < b ? [a, b] : [b, a];
    return this.#number(`${kind}${of[0]},${of[1]}`, { kind, of });
  }

  #number(key: string, node: GuardNode): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.nodes.push(node) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }
}
