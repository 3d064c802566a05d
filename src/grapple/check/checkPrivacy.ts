import { directiveUses } from '../model/directiveUse.ts';
import type { CheckContext } from './CheckContext.ts';
import { argumentNode } from './checkNumbers.ts';

/** Checks that the rules of `@privacy` can be names in code. */
export function checkPrivacy({ types, problems }: CheckContext): void {
  for (const entry of types.values()) {
    for (const { name, args, node } of directiveUses(entry.directives, problems)) {
      if (name !== 'privacy' || typeof args.rule !== 'string' || /^[A-Za-z_$][\w$]*$/.test(args.rule)) continue;
      problems.at(
        argumentNode(node, 'rule'),
        `The privacy rule of ${entry.name} is ${JSON.stringify(args.rule)}. Make it a name, such as "onlyOwner".`,
      );
    }
  }
}
