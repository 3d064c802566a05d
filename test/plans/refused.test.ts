import { parse } from 'graphql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createEngine } from '../../src/engine/createEngine.ts';
import type { PlanDocumentError } from '../../src/engine/PlanDocumentError.ts';
import { type PlanDocument, planHash } from '../../src/plan/PlanDocument.ts';
import { schema } from './library.ts';

/** What is wrong with a plan document is told, problem by problem; `tampered.test.ts` tries what nobody thought of. */
const test = suite('plan documents that are refused');
const engine = createEngine({ schema });

// biome-ignore lint/suspicious/noExplicitAny: plans that are not as their types say
type Any = any;

function exported(text: string): PlanDocument {
  return JSON.parse(JSON.stringify(engine.exportPlan(engine.prepare(parse(text)))));
}

const query = exported(
  'query ($ids: [ID!]!, $if: Boolean!) { __typename books(ids: $ids) { __typename id @include(if: $if) like(first: 3) { title ... on Novel { year } } } }',
);
const mutation = exported('mutation { a: rename(id: 1, title: "a") b: rename(id: 2, title: "b") }');

const objects = (plan: Any): Any[] => plan.outputs.filter(({ kind }: Any) => kind === 'object');
const field = (plan: Any, name: string): Any =>
  objects(plan)
    .flatMap(({ fields }) => fields)
    .find(({ coordinate }: Any) => coordinate === name || coordinate.endsWith(`.${name}`));
const layer = (plan: Any, kind: string): Any => plan.layers.find((one: Any) => one.kind === kind);

type Damage = readonly [damage: (plan: Any) => void, problem: RegExp, of?: PlanDocument];

const damages: Readonly<Record<string, Damage>> = {
  'a document that is no GraphQL': [
    (plan) => {
      plan.document = '{';
    },
    /Its document is no GraphQL: Syntax Error/,
  ],
  'a document without its operation': [
    (plan) => {
      plan.operationName = 'Other';
    },
    /Unknown operation named "Other"/,
  ],
  'a document of another operation': [
    (plan) => {
      plan.document = 'mutation { rename(id: 1, title: "a") }';
    },
    /Its operation is a mutation|at no field of its document/,
  ],
  'a field that the document has not': [
    (plan) => {
      field(plan, 'title').nodes[0].node = 99;
    },
    /"[A-Za-z]+\.title" is at no field of its document/,
  ],
  'a closure': [
    (plan) => {
      plan.steps.find(({ op }: Any) => op === 'loadMany').params.loader = { $ref: null, local: 0 };
    },
    /Step loadMany captured a closure/,
  ],
  'definitions that are not told': [
    (plan) => {
      plan.definitions = {};
    },
    /The plan does not say how it was planned for "/,
  ],
  'a leaf that is none': [
    (plan) => {
      plan.outputs.find(({ kind }: Any) => kind === 'leaf').type = 'Book';
    },
    /"Book" is no scalar or enum/,
  ],
  'a type name under another name': [
    (plan) => {
      field(plan, '__typename').coordinate = 'Query.reader';
    },
    /"Query.reader" is not the name of a type/,
  ],
  'a field of another type': [
    (plan) => {
      field(plan, 'Query.books').coordinate = 'Novel.books';
    },
    /"Novel.books" is no field of "Query"/,
  ],
  'a branch that is in itself': [
    (plan) => {
      plan.outputs.find(({ kind }: Any) => kind === 'abstract').branches[0].position.output = plan.root;
    },
    /contains itself/,
  ],
  'items in a layer that has none': [
    (plan) => {
      plan.outputs.find(({ kind, layer: own }: Any) => kind === 'list' && own > 0).layer = 0;
    },
    /has its items in layer 0, which is no list/,
  ],
  'a requirement with many rows': [
    (plan) => {
      field(plan, 'Query.books').requires = plan.steps.findIndex(
        ({ layer: own }: Any) => plan.layers[own].kind === 'list',
      );
    },
    /which has many rows/,
  ],
  'what no data have': [
    (plan) => {
      field(plan, 'title').position.read.path = ['__proto__', 'title'];
    },
    /which no data have/,
  ],
  'a function of something else': [
    (plan) => {
      Object.assign(field(plan, 'title').position.read, { field: true, path: ['then'] });
    },
    /as a field, which is not/,
  ],
  'rows that are not there': [
    (plan) => {
      field(plan, 'Query.books').position.read.step = plan.steps.findIndex(
        ({ layer: own }: Any) => plan.layers[own].kind === 'list',
      );
    },
    /where there are none/,
  ],
  'a guard before the first': [
    (plan) => {
      plan.guards[0] = { kind: 'never' };
    },
    /first guard of a plan always holds/,
  ],
  'no root layer': [
    (plan) => {
      plan.layers[0].kind = 'event';
    },
    /first layer of a plan is its root/,
  ],
  'a root that is no object': [
    (plan) => {
      plan.root = plan.outputs.findIndex(({ kind }: Any) => kind === 'leaf');
    },
    /root of a plan is an object output/,
  ],
  'a second root': [
    (plan) => {
      layer(plan, 'list').kind = 'root';
    },
    /is a root, but not the first layer/,
  ],
  'a stream of no list': [
    (plan) => {
      plan.layers[0].stream = { label: null, guard: 0, initialCount: 0, variable: null };
    },
    /is streamed, and is no list/,
  ],
  'a combination of nothing': [
    (plan) => {
      Object.assign(layer(plan, 'list'), { kind: 'combine', contributions: null });
    },
    /combines nothing/,
  ],
  'one row in place of many': [
    (plan) => {
      layer(plan, 'list').singular = true;
    },
    /is wrong about its number of rows/,
  ],
  'an entry of another layer': [
    (plan) => {
      layer(plan, 'list').entry = 0;
    },
    /as entry, which is none of its own|is not the entry of its layer/,
  ],
  'rows from below': [
    (plan) => {
      layer(plan, 'list').source = plan.steps.length - 1;
    },
    /which does not run above it|refers to/,
  ],
  'a place out of place': [
    (plan) => {
      const place = plan.places.find(({ layer: own }: Any) => own > 0);
      place.layer = 0;
      plan.places[0].layer = plan.layers.findIndex(({ kind }: Any) => kind === 'list');
    },
    /which does not lie in that of place|Place|refers/,
  ],
  'a phase that another field opens': [
    (plan) => {
      const [first, second] = objects(plan)[0].fields;
      second.phase = first.phase;
    },
    /opens layer \d+, as another field does/,
    mutation,
  ],
  'a phase that is none': [
    (plan) => {
      objects(plan)[0].fields[0].phase = 0;
    },
    /which is no mutation's/,
    mutation,
  ],
};

function problemsOf(plan: unknown): readonly string[] {
  try {
    engine.importPlan(plan);
    return [];
  } catch (error) {
    return (error as PlanDocumentError).problems;
  }
}

for (const [name, [damage, problem, of = query]] of Object.entries(damages)) {
  test(`${name} [R22 3.8]`, () => {
    const plan = structuredClone(of) as Any;
    damage(plan);
    const { hash: _, ...content } = plan;
    const problems = problemsOf({ ...content, hash: planHash({ ...content, hash: null } as Any) });
    assert.ok(
      problems.some((text) => problem.test(text)),
      problems.join('\n') || 'it was taken',
    );
  });
}

test('what they are made of is not refused', () => {
  assert.equal([query, mutation].flatMap(problemsOf), []);
});

test.run();
