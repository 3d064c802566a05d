/** Compiled, never run: what a step class that declares its values must not be able to do. */
import { Step } from '../../src/step/Step.ts';

declare const $text: Step<string>;
declare const $number: Step<number>;
declare const $flag: Step<boolean>;
declare const $nullable: Step<string | null>;
// biome-ignore lint/suspicious/noExplicitAny: what a step without a type may be passed to is tested
declare const $anything: Step<any>;

type Values = readonly [ids: readonly string[], first: number];

export class FriendIds extends Step<readonly string[], Values> {
  constructor($userId: Step<string>, $first: Step<number>) {
    super();
    this.addDependency($userId);
    this.addGlobalDependency($first);
    this.addDependency($anything);
    this.addGlobalDependency($anything);
    // @ts-expect-error: no list of booleans among the values
    this.addDependency($flag);
    // @ts-expect-error: numbers come as a global value, not as a list
    this.addDependency($number);
    // @ts-expect-error: values are texts, never null
    this.addDependency($nullable);
    // @ts-expect-error: texts come as a list, not as a global value
    this.addGlobalDependency($text);
    // @ts-expect-error: no boolean among the values
    this.addGlobalDependency($flag);
  }

  override execute(count: number, [ids, first]: Values): ReadonlyArray<readonly string[]> {
    return ids.slice(0, count).map((id) => [id.padEnd(first)]);
  }
}

export class WrongTuple extends Step<string, Values> {
  // @ts-expect-error: the list holds texts
  override execute(_count: number, [ids]: readonly [readonly number[], number]): ReadonlyArray<string> {
    return ids.map(String);
  }
}

export class TooManyValues extends Step<string, Values> {
  // @ts-expect-error: there are two values
  override execute(_count: number, [ids]: readonly [readonly string[], number, number]): ReadonlyArray<string> {
    return ids;
  }
}

export class WrongResult extends Step<string, Values> {
  // @ts-expect-error: entries are texts
  override execute(_count: number, [ids]: Values): ReadonlyArray<number> {
    return ids.map((id) => id.length);
  }
}

/** Without a tuple, dependencies are not checked. */
export class Untyped extends Step<string> {
  constructor($a: Step<string>, $b: Step<number>) {
    super();
    this.addDependency($a);
    this.addGlobalDependency($b);
  }

  override async execute(_count: number, [a]: readonly [readonly string[], number]): Promise<ReadonlyArray<string>> {
    return a;
  }
}

// A step that declares its values goes wherever a step of its data goes, and nowhere else.
export function uses(step: FriendIds, text: WrongTuple): ReadonlyArray<Step> {
  const $ids: Step<readonly string[]> = step;
  const $wide: Step<ReadonlyArray<string> | null> = step;
  // @ts-expect-error: yields lists of texts
  const $wrong: Step<string> = step;
  const $unknown: Step = text;
  return [$ids, $wide, $wrong, $unknown, step];
}
