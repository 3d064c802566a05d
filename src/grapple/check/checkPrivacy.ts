import { argumentNode, type DirectiveUse, directiveUses } from '../model/directiveUse.ts';
import { schemaDirectives } from '../model/readModel.ts';
import type { TypeEntry } from '../model/TypeIndex.ts';
import type { Problems } from '../parse/Problems.ts';
import { type CheckContext, hasDirective } from './CheckContext.ts';

const REMEDY = 'Add @public, @sameAs(field: "…") or @privacy(rule: "…")';

const DENY = 'extend schema @byDefault(access: "deny")';
const ALLOW = 'extend schema @byDefault(access: "allow")';

/** Checks what types say of who may read them, and that they do where the schema denies by default. */
export function checkPrivacy({ document, model, types, problems }: CheckContext): void {
  for (const { name, args, node } of directiveUses(schemaDirectives(document), problems)) {
    if (name !== 'byDefault' || typeof args.access !== 'string' || ['allow', 'deny'].includes(args.access)) continue;
    problems.at(
      argumentNode(node, 'access'),
      `@byDefault(access:) is ${JSON.stringify(args.access)}. Make it "deny" or "allow".`,
    );
  }
  for (const entry of types.values()) {
    const [first, second] = privacyUses(entry, problems);
    if (first !== undefined) checkUse(entry, first, problems);
    else if (model.byDefault === 'deny' && hasDirective(entry, 'pent')) {
      problems.at(entry.node, `${entry.name} does not say who may read it. ${REMEDY}.`);
    }
    if (second === undefined) continue;
    problems.at(
      second.node,
      `${entry.name} has @${first?.name} and @${second.name}, which both say who may read it. Keep one.`,
    );
  }
  for (const { name, attributes, privacy } of model.pents) {
    if (privacy === null || !('sameAs' in privacy)) continue;
    const entry = types.get(name);
    const targets = attributes.find((attribute) => attribute.name === privacy.sameAs)?.targets;
    if (entry === undefined || targets?.length !== 1 || targets[0] !== name) continue;
    problems.at(
      entry.node,
      `${name} is readable as another ${name} is, so that nobody may read the first one. Write its policy: @privacy(rule: "…").`,
    );
  }
}

function checkUse({ name, ...entry }: TypeEntry, use: DirectiveUse, problems: Problems): void {
  if (!hasDirective(entry, 'pent')) {
    problems.at(use.node, `${name} has @${use.name}, but not @pent. Add @pent, or take @${use.name} away.`);
  }
  const { rule } = use.args;
  if (typeof rule !== 'string' || /^[A-Za-z_$][\w$]*$/.test(rule)) return;
  problems.at(
    argumentNode(use.node, 'rule'),
    `The privacy rule of ${name} is ${JSON.stringify(rule)}. Make it a name, such as "onlyOwner".`,
  );
}

function privacyUses({ directives }: TypeEntry, problems: Problems): readonly DirectiveUse[] {
  return directiveUses(directives, problems).filter(({ name }) => ['public', 'sameAs', 'privacy'].includes(name));
}

/** For schemas without a default: what says nothing is open to everybody. One warning for all of it. */
export function warnOfOpenTypes({ model, types, problems }: CheckContext): void {
  if (model.byDefault !== null) return;
  const open = model.pents.filter(({ privacy }) => privacy === null).map(({ name }) => name);
  const first = types.get(open[0] ?? model.pents[0]?.name ?? '');
  if (first === undefined) return;
  if (open.length === 0) {
    problems.at(
      first.node,
      `The schema does not say what happens to writes for which there is no rule: everybody may do them. Add ${DENY}. To leave them open: ${ALLOW}.`,
    );
    return;
  }
  const which = open.length === 1 ? `${open[0]} does` : `${open.join(', ')} do`;
  problems.at(
    first.node,
    `${which} not say who may read ${open.length === 1 ? 'it' : 'them'}, so that everybody may, and write, too. ${REMEDY}, and ${DENY}. To leave them open: ${ALLOW}.`,
  );
}
