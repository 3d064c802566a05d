import type { ASTNode } from 'graphql';
import { argumentNode, type DirectiveUse, directiveUses } from '../model/directiveUse.ts';
import { indexName } from '../model/readLists.ts';
import { scalarTypes } from '../model/typeShape.ts';
import { imported } from '../print/source.ts';
import { type CheckContext, hasDirective, useOf } from './CheckContext.ts';

/** Names of types that mean something else in generated code: its imports, and the reserved words of TypeScript. */
const takenTypes: ReadonlySet<string> = new Set([
  ...Object.values(imported).flat(),
  ...['Promise', 'Date', 'Record', 'URL', 'Error', 'Object', 'Array', 'String', 'Number', 'Function', 'Symbol'],
  ...['any', 'unknown', 'never', 'object', 'string', 'number', 'boolean', 'bigint', 'symbol', 'undefined', 'null'],
  ...['void', 'true', 'false', 'this', 'super', 'new', 'class', 'enum', 'function', 'var', 'let', 'const', 'static'],
  ...['if', 'else', 'for', 'while', 'do', 'switch', 'case', 'default', 'break', 'continue', 'return', 'throw', 'try'],
  ...['catch', 'finally', 'with', 'in', 'of', 'instanceof', 'typeof', 'delete', 'import', 'export', 'extends', 'yield'],
  ...['await', 'async', 'debugger', 'interface', 'implements', 'package', 'private', 'protected', 'public', 'type'],
  ...['arguments', 'eval', 'globalThis', 'NaN', 'Infinity'],
  // Objects have these without being given them.
  ...['constructor', 'toString', 'toLocaleString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'],
  ...['propertyIsEnumerable'],
]);

/** Scalars that need no definition. */
const knownScalars: ReadonlySet<string> = new Set(Object.keys(scalarTypes));

/** File systems have names of at most 255 bytes, and containers and backups of fewer. */
const MAX_TYPE_NAME = 100;

/** Names of fields that objects in JavaScript have for another purpose. */
const takenFields: ReadonlySet<string> = new Set([
  ...['constructor', 'toString', 'toLocaleString', 'valueOf', 'toJSON', 'then', 'hasOwnProperty', 'isPrototypeOf'],
  ...['propertyIsEnumerable'],
]);

/** Names of static members that classes have, which hand-written plans and root fields cannot take. */
const takenStatics: ReadonlySet<string> = new Set([
  'constructor',
  'name',
  'length',
  'prototype',
  'caller',
  'arguments',
  'apply',
  'call',
  'bind',
]);
const takenPentStatics: ReadonlySet<string> = new Set([
  ...takenStatics,
  ...['definition', 'privacy', 'hooks', 'get', 'getX', 'getMany', 'getDict', 'browse', 'fromIndex', 'fromIndexX'],
]);

/** Checks that names mean one thing in generated code, on disk and in the store. */
export function checkNames(context: CheckContext): void {
  checkTypeNames(context);
  checkFieldNames(context);
  checkGetters(context);
  checkEdgeNames(context);
  checkIndexNames(context);
}

function checkTypeNames({ types, problems }: CheckContext): void {
  const folded = new Map<string, string>();
  const pents = new Set([...types.values()].filter((entry) => hasDirective(entry, 'pent')).map(({ name }) => name));
  for (const { name, node, kind } of types.values()) {
    const other = folded.get(name.toLowerCase());
    folded.set(name.toLowerCase(), other ?? name);
    if (kind !== 'scalar' && takenTypes.has(name)) {
      problems.at(
        node.name,
        `The name "${name}" has another meaning in generated code. Call the type "${titled(name)}Type", say.`,
      );
    } else if (kind !== 'scalar' && knownScalars.has(name)) {
      problems.at(node.name, `"${name}" is a built-in scalar. Give this type another name.`);
    } else if (pents.has(name) && name.length > MAX_TYPE_NAME) {
      problems.at(
        node.name,
        `The name of this type has ${name.length} letters, and its file can have ${MAX_TYPE_NAME}. Shorten it.`,
      );
    } else if (pents.has(name) && (name === 'Query' || name === 'Mutation')) {
    } else if (other !== undefined) {
      problems.at(
        node.name,
        `"${name}" differs from "${other}" by case only, and so would its file. Rename one of them.`,
      );
    } else if (name.endsWith('Base') && pents.has(name.slice(0, -4))) {
      problems.at(
        node.name,
        `"${name}" is the name of the generated base class of ${name.slice(0, -4)}. Rename the type.`,
      );
    }
  }
}

function titled(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function checkFieldNames({ fields, problems }: CheckContext): void {
  for (const use of fields) {
    const { owner, field, place } = use;
    const name = field.name.value;
    const isStatic = useOf(use, 'customGen') !== null;
    if (owner === 'pent') {
      if (takenFields.has(name) || (isStatic && takenPentStatics.has(name))) {
        problems.at(field.name, `${place} has a name that objects use for something else. Rename the field.`);
      }
    } else if ((owner === 'query' || owner === 'mutation') && takenStatics.has(name)) {
      if (isStatic || useOf(use, 'custom', 'customMutation') !== null) {
        problems.at(field.name, `${place} has a name that classes use for something else. Rename the field.`);
      }
    }
  }
}

/** Fields of a type whose members in TypeScript, or columns by case, would be one. */
function checkGetters({ model: { pents }, types, problems }: CheckContext): void {
  for (const { name: type, attributes } of pents) {
    const entry = types.get(type);
    if (entry === undefined) continue;
    const members = new Set(entry.fields.map((field) => field.name.value));
    for (const { name: attribute, targets } of attributes) {
      if (targets === null || !members.has(attribute) || !members.has(`${attribute}Id`)) continue;
      const field = entry.fields.find((other) => other.name.value === `${attribute}Id`);
      if (field === undefined) continue;
      problems.at(
        field.name,
        `${type}.${attribute}Id has the name of the getter for the id of ${type}.${attribute}. Rename it, or write @genFromStoredId(field: "${attribute}Id") on ${type}.${attribute}.`,
      );
    }
    const folded = new Map<string, string>();
    for (const field of entry.fields) {
      const { value } = field.name;
      const other = folded.get(value.toLowerCase());
      folded.set(value.toLowerCase(), other ?? value);
      if (other !== undefined && other !== value) {
        problems.at(field.name, `${type}.${value} differs from ${type}.${other} by case only. Rename one of them.`);
      }
    }
  }
}

function checkEdgeNames({ fields, problems }: CheckContext): void {
  const names = new Names();
  for (const use of fields) {
    for (const edge of use.uses) {
      if (edge.name !== 'edge' && edge.name !== 'edgeToStoredId') continue;
      const key = edge.name === 'edge' ? 'name' : 'edgeName';
      const name = edge.args[key];
      if (typeof name !== 'string') continue;
      const node = argumentNode(edge.node, key);
      if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) {
        problems.at(
          node,
          `The edge name ${JSON.stringify(name)} of ${use.place} must be letters, digits and "_", beginning with a letter.`,
        );
        continue;
      }
      const message = names.add(name, use.place, 'edge');
      if (message !== null) problems.at(node, message);
    }
  }
}

function checkIndexNames({ types, fields, problems }: CheckContext): void {
  const names = new Names();
  const seen = new Map<string, string>();
  for (const entry of types.values()) {
    if (!hasDirective(entry, 'pent')) continue;
    for (const use of directiveUses(entry.directives, problems)) check(use, entry.name, entry.name, null);
    for (const field of fields.filter((other) => other.entry === entry)) {
      const stored = String(useOf(field, 'genFromStoredId')?.args.field ?? field.field.name.value);
      for (const use of field.uses) check(use, entry.name, field.place, stored);
    }
  }

  function check(use: DirectiveUse, type: string, place: string, attribute: string | null): void {
    if (use.name !== 'index' && use.name !== 'unique') return;
    const name = indexName(use, type, attribute);
    const node: ASTNode = argumentNode(use.node, 'name');
    if (!/^[a-z][a-z0-9_]{0,40}$/.test(name)) {
      problems.at(
        node,
        `The index name ${JSON.stringify(name)} of ${place} must be at most 41 lower-case letters, digits and "_", beginning with a letter.`,
      );
      return;
    }
    const message = names.add(name, place, 'index');
    if (message !== null) problems.at(node, message);
    // Of a plain @index and @unique, another check says to keep one.
    else if (seen.has(name) && (seen.get(name) === use.name || Object.keys(use.args).length > 0)) {
      problems.at(node, `${place} calls two indexes "${name}". Give each a name of its own.`);
    }
    seen.set(name, use.name);
  }
}

/** Names that tables of stores may have: case does not tell them apart. */
class Names {
  readonly #owners = new Map<string, readonly [owner: string, name: string]>();

  /** The problem of one more name. */
  add(name: string, owner: string, kind: 'edge' | 'index'): string | null {
    const [other, as] = this.#owners.get(name.toLowerCase()) ?? [];
    if (other === undefined) {
      this.#owners.set(name.toLowerCase(), [owner, name]);
      return null;
    }
    if (other === owner) return null;
    if (as === name) return `${owner} and ${other} both call their ${kind} "${name}". Rename one of them.`;
    return `The ${kind} "${name}" of ${owner} differs from "${as}" of ${other} by case only. Rename one of them.`;
  }
}
