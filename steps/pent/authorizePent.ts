import { quote } from '../../src/kvetch/errors.ts';
import type { KvetchObject } from '../../src/kvetch/KvetchObject.ts';
import { chain } from '../../src/kvetch/shards/chain.ts';
import type { Context, Loaded } from '../../src/pent/contract.ts';
import { PentError } from '../../src/pent/errors.ts';
import { Pent } from '../../src/pent/Pent.ts';
import type { PentContext } from '../../src/pent/PentContext.ts';
import { storedRecord } from '../../src/pent/privacy/hiddenFields.ts';
import { Ref } from '../../src/pent/Ref.ts';
import { visible } from '../../src/pent/reads/admit.ts';
import { AccessStep } from '../../src/step/builtin/AccessStep.ts';
import { constant } from '../../src/step/builtin/ConstantStep.ts';
import { EntryStep } from '../../src/step/builtin/EntryStep.ts';
import type { ExecuteExtra } from '../../src/step/ExecuteExtra.ts';
import { type ParamShapes, text } from '../../src/step/paramShapes.ts';
import { Shown } from '../../src/step/Shown.ts';
import { type Entry, Step, type StepResult } from '../../src/step/Step.ts';
import type { StepLoad } from '../../src/step/StepLoad.ts';
import type { MaybePromise } from '../../src/utils/MaybePromise.ts';
import { ListEdgesStep } from '../kvetch/connection/ListEdgesStep.ts';
import { contextOf } from './contextOf.ts';
import { PentMethodPageStep, readRefs } from './PentMethodPageStep.ts';
import { PentPageStep } from './PentPageStep.ts';
import { PentStep } from './PentStep.ts';
import { WritePentStep } from './writes.ts';

/**
 * Represents whether the viewer may read objects, wherever they came from. Yields an error for any other value. An object
 * of the unrestricted world, of another viewer or of an earlier part of the request is shown as one of the viewer's:
 * what its methods read is the viewer's, too.
 */
export class PentVisibleStep extends Step<boolean | Shown> {
  static override readonly op = 'pent.visible';
  static override readonly paramShapes: ParamShapes = {};

  constructor($object: Step) {
    super();
    this.addDependency($object);
  }

  /** Rules load by themselves: the bound of a cost does not count that. */
  override get load(): StepLoad | null {
    return null;
  }

  override execute(
    _count: number,
    [objects]: readonly [readonly unknown[]],
    extra: ExecuteExtra,
  ): StepResult<boolean | Shown> {
    const context = contextOf(extra);
    const records = objects.map(recordOf);
    return chain(withRefs(context, objects, records, extra), (found) =>
      chain(visible(context, found), ({ records: shown, made }) =>
        shown.map((record, row): boolean | Shown | Error => {
          if (record instanceof Error) return record;
          const pent = record == null ? null : context.wrap(record, made?.[row]);
          const object = objects[row];
          if (pent === null) return isNoObject(object, records[row]) && noObject(object);
          // A record stays one.
          const own = object instanceof Pent || object instanceof Ref ? pent : record === found[row] ? object : record;
          return own === object || new Shown(own);
        }),
      ),
    );
  }
}

function isNoObject(object: unknown, record: Loaded): boolean {
  return record === null && object != null && !(object instanceof Ref);
}

/** Null would look as if the object were hidden, or gone. */
function noObject(seen: unknown): PentError<'NO_OBJECT'> {
  const isObject = typeof seen === 'object';
  const found = Array.isArray(seen) ? 'a list' : isObject ? 'an object that no read of Pent gave' : quote(seen);
  return new PentError(
    'NO_OBJECT',
    `This position takes an object, and got ${found}. Return Ref.to(Type, id), or what the reads of Pent give.`,
  );
}

/** Reads the objects that are given by their ids alone. */
function withRefs(
  context: PentContext,
  objects: readonly unknown[],
  records: readonly Loaded[],
  extra: ExecuteExtra,
): MaybePromise<readonly Loaded[]> {
  const refs = objects.filter((object): object is Ref => object instanceof Ref);
  if (refs.length === 0) return records;
  return chain(readRefs(context, refs, extra), (found) => {
    let next = 0;
    return objects.map((object, row) => (object instanceof Ref ? (found[next++] ?? null) : records[row]));
  });
}

/** The stored record of an object; null for any other value. */
function recordOf(object: unknown): KvetchObject | null {
  if (object instanceof Pent) return storedRecord(object.$record);
  const { id, typeId, version } = (object ?? {}) as Partial<KvetchObject>;
  const isRecord = typeof id === 'string' && typeof typeId === 'number' && typeof version === 'number';
  return isRecord ? (object as KvetchObject) : null;
}

/**
 * The `authorize` of types whose objects are Pents. Objects that the reads of Pent gave were decided on already, and
 * cost nothing; all others are asked about.
 *
 * ```ts
 * objects: { Issue: { authorize: authorizePent, hidden: 'leaveOut' } }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: authorize is called with steps of any kind
export function authorizePent($object: Step<any>): Step<boolean | Shown> {
  return isAdmitted($object) ? constant(true) : new PentVisibleStep($object);
}

/**
 * Represents whether objects are of the viewer's world. Yields true for any other value, and an error for an object that
 * was read past privacy, or for another viewer: nothing would decide on it, nor on what it leads to.
 */
export class PentWorldStep extends Step<boolean> {
  static override readonly op = 'pent.world';
  static override readonly paramShapes: ParamShapes = { type: text };
  declare params: { readonly type: string };
  override readonly isSync = true;

  constructor($object: Step, type: string) {
    super();
    this.addDependency($object);
    this.params = { type };
  }

  override execute(
    _count: number,
    [objects]: readonly [readonly unknown[]],
    extra: ExecuteExtra,
  ): ReadonlyArray<Entry<boolean>> {
    const own = contextOf(extra);
    return objects.map((object) => {
      if (!(object instanceof Pent)) return true;
      const { $context } = object;
      return $context === own || otherWorld(this.params.type, $context);
    });
  }
}

function otherWorld(type: string, { seesAll }: Context): PentError<'OTHER_WORLD'> {
  const how = seesAll ? 'was read past privacy' : 'was read by the context of another request';
  return new PentError(
    'OTHER_WORLD',
    `An object of the type ${type} ${how}, and enters a response. Read it by the PentContext of the request, or give the type { authorize: authorizePent, hidden: 'leaveOut' }: then the response shows what the viewer may see.`,
  );
}

/** Whether a step yields nothing but objects that the viewer may read, by its class. */
function isAdmitted($step: Step): boolean {
  const $object = $step.graph.resolve($step);
  if ($object instanceof PentStep || $object instanceof WritePentStep) return true;
  // Planning a position adds these steps: they pass their values on.
  if ($object.op === 'present' || $object.op === 'ofType') return isAdmitted($object.dependency(0));
  if ($object instanceof AccessStep) return isObjectOfPage($object, 2);
  if ($object.op === 'field') return $object.params.fieldName === 'node' && isEdgeOfPage($object.dependency(0));
  if (!($object instanceof EntryStep) || $object.layer.kind !== 'list' || $object.layer.source === null) return false;
  const $list = $object.graph.resolve($object.layer.source);
  return $list instanceof AccessStep && isObjectOfPage($list, 1);
}

/** Whether a step yields edges of a connection of such objects. */
function isEdgeOfPage($step: Step): boolean {
  const $edge = $step.graph.resolve($step);
  if (!($edge instanceof EntryStep) || $edge.layer.kind !== 'list' || $edge.layer.source === null) return false;
  const $edges = $edge.graph.resolve($edge.layer.source);
  return $edges instanceof ListEdgesStep && isPage($edges.dependency(0));
}

/** Whether a step reads the objects of a page, or with a longer path one of them. */
function isObjectOfPage($access: AccessStep, length: number): boolean {
  return $access.path[0] === 'objects' && $access.path.length === length && isPage($access.dependency(0));
}

function isPage($page: Step): boolean {
  return $page instanceof PentPageStep || $page instanceof PentMethodPageStep;
}
