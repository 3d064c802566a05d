/**
 * The roads to an object of the issue tracker are read off its schema, and all of them are walked as five viewers, on
 * every kind of store. Who may see what is said by a table that knows nothing of Pent. A new field without a line in the
 * table fails.
 */
import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isListType,
  isObjectType,
  parse,
} from 'graphql';
import { createEngine } from 'planql';
import { createKvetch, type Kvetch } from 'planql/kvetch';
import { Pent, PentContext } from 'planql/pent';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { everyday, type Filled, fill } from '../../examples/tracker/fill.ts';
import { kvetchSchema } from '../../examples/tracker/generated/kvetchSchema.ts';
import { model, schema } from '../../examples/tracker/generated/plans.ts';
import { type Backend, backends } from '../kvetch/backends.ts';
import { needs } from '../support/needs.ts';

interface Thing {
  readonly type: string;
  readonly id: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** The attribute in which objects of a type name the owner of the list. */
const lists: Readonly<Record<string, readonly [type: string, attribute: string]>> = {
  'User.memberships': ['Member', 'user'],
  'User.assigned': ['Issue', 'assignee'],
  'Organisation.projects': ['Project', 'organisation'],
  'Project.members': ['Member', 'project'],
  'Project.labels': ['Label', 'project'],
  'Project.issues': ['Issue', 'project'],
  'Project.activity': ['Event', 'project'],
  'Issue.comments': ['Comment', 'issue'],
};
/** Queries by index: what is asked for, and with which attribute it is compared. */
const indexes: Readonly<Record<string, readonly [argument: string, attribute: string]>> = {
  userByUsername: ['username', 'username'],
  organisationBySlug: ['slug', 'slug'],
  projectByKey: ['key', 'key'],
  issueByKey: ['key', 'key'],
  issuesByStatus: ['status', 'status'],
};
const PAGE = 3;
const engine = createEngine({ schema });

/** What is stored, and the table of who may see it. */
class World {
  readonly kvetch: Kvetch;
  readonly filled: Filled;
  readonly things: readonly Thing[];
  readonly #byId: ReadonlyMap<string, Thing>;

  constructor(kvetch: Kvetch, filled: Filled) {
    this.kvetch = kvetch;
    this.filled = filled;
    const of = (type: string, rows: ReadonlyArray<{ readonly id: string }>): Thing[] =>
      rows.map((row) => ({ type, id: row.id, row: { ...row } }));
    this.things = [
      ...of('User', filled.users),
      ...of('Organisation', filled.organisations),
      ...of('Project', filled.projects),
      ...of('Member', filled.members),
      ...of('Label', filled.labels),
      ...of('Issue', filled.issues),
      ...of('Comment', filled.comments),
      ...of('Event', filled.events),
    ];
    this.#byId = new Map(this.things.map((thing) => [thing.id, thing]));
  }

  at(id: unknown): Thing {
    const thing = this.#byId.get(String(id));
    assert.ok(thing, `nothing has the id ${id}`);
    return thing as Thing;
  }

  may(viewer: string | null, { type, row }: Thing): boolean {
    const role = (project: unknown): string | undefined =>
      this.filled.members.find((member) => member.user === viewer && member.project === project)?.role;
    switch (type) {
      case 'Organisation':
        return true;
      case 'User':
        return viewer !== null;
      case 'Project':
        return row.isPrivate === false || role(row.id) !== undefined;
      case 'Issue':
        return (
          this.may(viewer, this.at(row.project)) &&
          (row.isConfidential === false || row.author === viewer || role(row.project) === 'MAINTAINER')
        );
      case 'Comment':
        return this.may(viewer, this.at(row.issue));
      case 'Event':
        return this.may(viewer, this.at(row.project)) && this.may(viewer, this.at(row.subject));
      default: // labels and members
        return this.may(viewer, this.at(row.project));
    }
  }

  /** What a field leads to, for every viewer. */
  behind(thing: Thing, { name }: GraphQLField<unknown, unknown>): readonly Thing[] {
    const place = `${thing.type}.${name}`;
    if (place === 'Issue.labels' || place === 'Label.issues') {
      const [from, to] = place === 'Issue.labels' ? (['issue', 'label'] as const) : (['label', 'issue'] as const);
      return this.filled.labelled.filter((entry) => entry[from] === thing.id).map((entry) => this.at(entry[to]));
    }
    const list = lists[place];
    if (list !== undefined) return this.things.filter(({ type, row }) => type === list[0] && row[list[1]] === thing.id);
    assert.ok(name in thing.row, `the table does not know where ${place} leads to`);
    return [this.at(thing.row[name])];
  }

  /** Asks as a viewer. No answer may hold the id of a hidden object that the question did not name. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape of its question
  async ask(viewer: string | null, query: string, variableValues: Record<string, unknown> = {}): Promise<any> {
    const onError = (error: Error): void => assert.unreachable(String(error.stack));
    const pent = new PentContext({ kvetch: this.kvetch, model, viewer: { id: viewer }, onError });
    const result = await engine.execute({ document: parse(query), variableValues, contextValue: { pent } });
    const text = JSON.stringify(result);
    const asked = JSON.stringify(variableValues);
    for (const [id] of text.matchAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g)) {
      if (!asked.includes(id)) assert.ok(this.may(viewer, this.at(id)), `${viewer} saw ${id} in ${query}`);
    }
    return JSON.parse(text);
  }
}

type Field = GraphQLField<unknown, unknown>;

function fieldsOf(type: string): readonly Field[] {
  return Object.values((schema.getType(type) as GraphQLObjectType).getFields());
}

/** Whether a field leads to objects, and how. */
function roadOf({ type }: Field): 'leaf' | 'one' | 'list' | 'connection' {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return 'leaf';
  if (named.name.endsWith('Connection')) return 'connection';
  return JSON.stringify(type).includes('[') || isListType('ofType' in type ? type.ofType : type) ? 'list' : 'one';
}

/** The types that a field may give. */
function typesOf({ type }: Field): readonly string[] {
  const named = getNamedType(type);
  if (isAbstractType(named)) return schema.getPossibleTypes(named).map(({ name }) => name);
  return isObjectType(named) ? [named.name] : [];
}

const object = '{ __typename ... on Node { id } }';
const connection = `{ totalCount nodes ${object} edges { cursor node ${object} } pageInfo { hasNextPage endCursor } }`;

interface Ided {
  readonly id: string;
}

const idsOf = (objects: readonly Ided[]): string[] => objects.map(({ id }) => id);
const sorted = (ids: readonly string[]): readonly string[] => [...ids].sort();

for (const backend of backends) {
  const chosen = ['memory x 3', 'sqlite x 1', 'mysql x 1', 'redis over mysql x 1'].includes(backend.name);
  if (chosen) attack(backend);
}

function attack(backend: Backend): void {
  const test = needs(suite(`examples/tracker: every road, ${backend.name}`), ...backend.servers);
  let world: World;
  let viewers: Readonly<Record<string, string | null>>;
  test.before(async () => {
    const kvetch = createKvetch({ schema: kvetchSchema, ...backend.open() });
    world = new World(kvetch, await fill(kvetch, { users: 8, projects: 4, issues: 20, comments: 1 }));
    const user = (n: number): string => world.filled.users[n]?.id as string;
    // The second project is private, and these are its members.
    viewers = { stranger: null, outsider: user(7), guest: user(4), developer: user(3), maintainer: user(2) };
  });
  test.after(() => world.kvetch.close());

  const eachViewer = async (run: (viewer: string | null, visible: (thing: Thing) => boolean) => Promise<void>) => {
    for (const viewer of Object.values(viewers)) await run(viewer, (thing) => world.may(viewer, thing));
  };

  test('the viewers differ', () => {
    const counts = Object.values(viewers).map(
      (viewer) => world.things.filter((thing) => world.may(viewer, thing)).length,
    );
    assert.is(new Set(counts).size, counts.length, String(counts));
  });

  test('by id: what is hidden is as absent', async () => {
    const roads = fieldsOf('Query').filter(({ args }) => args.length === 1 && args[0]?.name === 'id');
    assert.ok(roads.length >= 6);
    const query = `query ($id: UUID!) { ${roads.map(({ name }) => `${name}(id: $id) ${object}`).join(' ')} }`;
    await eachViewer(async (viewer, visible) => {
      for (const thing of world.things) {
        const expected = roads.map((road) => [
          road.name,
          visible(thing) && typesOf(road).includes(thing.type) ? { __typename: thing.type, id: thing.id } : null,
        ]);
        const { data, errors } = await world.ask(viewer, query, { id: thing.id });
        assert.is(errors, undefined);
        assert.equal(data, Object.fromEntries(expected));
      }
      const all = await Pent.getMany(
        new PentContext({ kvetch: world.kvetch, model, viewer: { id: viewer } }),
        idsOf(world.things),
      );
      assert.equal(
        all.map((pent) => pent !== null),
        world.things.map(visible),
      );
    });
  });

  test('from every object over every field: pages are full, counts are of what is readable', async () => {
    await eachViewer(async (viewer, visible) => {
      for (const thing of world.things.filter(visible)) {
        const fields = fieldsOf(thing.type);
        const lists = fields.filter((field) => /list|connection/.test(roadOf(field)));
        const found = new Map<string, string[]>(lists.map(({ name }) => [name, []]));
        const after = new Map<string, string | null>(lists.map(({ name }) => [name, null]));
        while (true) {
          const selections = fields.map((field) => {
            const road = roadOf(field);
            if (road === 'leaf') return field.name;
            if (road === 'one') return `${field.name} ${object}`;
            if (!after.has(field.name)) return '';
            const cursor = JSON.stringify(after.get(field.name));
            return `${field.name}(first: ${PAGE}, after: ${cursor}) ${road === 'list' ? object : connection}`;
          });
          const query = `query ($id: UUID!) { node(id: $id) { ... on ${thing.type} { ${selections.join(' ')} } } }`;
          const { data, errors } = await world.ask(viewer, query, { id: thing.id });
          assert.is(errors, undefined, JSON.stringify(errors));
          for (const field of fields) {
            const road = roadOf(field);
            const answer = data.node[field.name];
            if (road === 'leaf' || answer === undefined) continue;
            const expected = idsOf(world.behind(thing, field).filter(visible));
            if (road === 'one') {
              assert.is(answer?.id ?? null, expected[0] ?? null, `${thing.type}.${field.name}`);
              continue;
            }
            const page: string[] = idsOf(road === 'list' ? answer : answer.nodes);
            const seen = found.get(field.name) as string[];
            const rest = expected.length - seen.length;
            assert.is(page.length, Math.min(PAGE, rest), `${thing.type}.${field.name}`);
            seen.push(...page);
            if (road === 'connection') {
              assert.is(answer.totalCount, expected.length, `${thing.type}.${field.name}`);
              assert.is(answer.pageInfo.hasNextPage, rest > PAGE);
              assert.equal(idsOf(answer.edges.map(({ node }: { node: Ided }) => node)), page);
            }
            if (rest > PAGE)
              after.set(field.name, road === 'list' ? (page.at(-1) as string) : answer.pageInfo.endCursor);
            else {
              assert.equal(sorted(seen), sorted(expected), `${thing.type}.${field.name}`);
              after.delete(field.name);
            }
          }
          if (after.size === 0) break;
        }
      }
    });
  });

  test('by index and by browsing', async () => {
    const roads = fieldsOf('Query').filter(({ args }) => args[0]?.name !== 'id');
    await eachViewer(async (viewer, visible) => {
      for (const road of roads) {
        const all = world.things.filter(({ type }) => typesOf(road).includes(type));
        const [argument, attribute] = indexes[road.name] ?? [];
        const isBrowse = road.args.every(({ name }) => name === 'first' || name === 'after');
        assert.ok(isBrowse || attribute !== undefined, `the table does not know Query.${road.name}`);
        const values = attribute === undefined ? [null] : [...new Set(all.map(({ row }) => row[attribute]))];
        for (const value of values) {
          const holders = all.filter(({ row }) => attribute === undefined || row[attribute] === value);
          const expected = idsOf(holders.filter(visible));
          const typed = road.args.find(({ name }) => name === argument)?.type;
          const variables = value === null ? {} : { value };
          const header = value === null ? '($after: UUID)' : `($value: ${typed}, $after: UUID)`;
          const by = value === null ? [] : [`${argument}: $value`];
          if (roadOf(road) === 'one') {
            const query = `query ($value: ${typed}) { it: ${road.name}(${by}) ${object} }`;
            const { data } = await world.ask(viewer, query, variables);
            assert.is(data.it?.id ?? null, expected[0] ?? null, road.name);
            continue;
          }
          const paged = [...by, `first: ${PAGE}`, 'after: $after'].join(', ');
          const found: string[] = [];
          for (let after: string | null = null; ; after = found.at(-1) ?? null) {
            const query = `query ${header} { list: ${road.name}(${paged}) ${object} }`;
            const { data, errors } = await world.ask(viewer, query, { ...variables, after });
            assert.is(errors, undefined);
            assert.is(data.list.length, Math.min(PAGE, expected.length - found.length), road.name);
            found.push(...idsOf(data.list));
            if (data.list.length < PAGE) break;
          }
          assert.equal(sorted(found), sorted(expected), road.name);
        }
      }
    });
  });

  test('writes: hidden objects do not exist, and readable ones need a role', async () => {
    const writes = {
      update: 'mutation ($id: UUID!) { updateIssue(id: $id, data: { title: "taken" }) { issue { id } } }',
      label: 'mutation ($id: UUID!, $other: UUID!) { addLabel(from: $id, to: $other) { issue { id } } }',
      comment:
        'mutation ($id: UUID!, $me: UUID!) { createComment(data: { text: "!", issue: $id, author: $me }) { comment { id } } }',
    };
    const absent = '00000000-0000-4000-8000-000000000000';
    const [label] = world.filled.labels;
    type Answer = { errors?: ReadonlyArray<{ message: string; extensions: { code: string } }> };
    const saidOf = ({ errors = [] }: Answer, id: string): unknown =>
      errors.map(({ message, extensions }) => [message.replaceAll(id, 'ID'), extensions.code]);
    await eachViewer(async (viewer, visible) => {
      const variables = { other: label?.id, me: viewer ?? absent };
      for (const [name, write] of Object.entries(writes)) {
        const used = Object.fromEntries(Object.entries(variables).filter(([key]) => write.includes(`$${key}`)));
        const nothing = saidOf(await world.ask(viewer, write, { ...used, id: absent }), absent);
        for (const thing of world.things.filter(({ type }) => type === 'Issue')) {
          if (visible(thing)) continue;
          const said = saidOf(await world.ask(viewer, write, { ...used, id: thing.id }), thing.id);
          assert.equal(said, nothing, `${name} ${thing.id}`);
        }
      }
      const role = (project: unknown) =>
        world.filled.members.find((member) => member.user === viewer && member.project === project)?.role;
      for (const thing of world.things.filter((one) => one.type === 'Issue' && visible(one))) {
        if (role(thing.row.project) !== undefined && role(thing.row.project) !== 'GUEST') continue;
        const { errors } = await world.ask(viewer, writes.update, { id: thing.id });
        assert.is(errors?.[0]?.extensions.code, 'FORBIDDEN');
      }
    });
    for (const { id, row } of world.things.filter(({ type }) => type === 'Issue')) {
      assert.is((await world.kvetch.getObject(id))?.title, row.title);
    }
  });

  test.run();
}

const whole = suite('examples/tracker: 10,000 issues');

whole('a member reads a page of issues with labels, comments and counts', async () => {
  const [memory] = backends;
  const kvetch = createKvetch({ schema: kvetchSchema, ...(memory as Backend).open() });
  const world = new World(kvetch, await fill(kvetch));
  assert.is(world.filled.issues.length, everyday.issues);
  const project = world.filled.projects[1];
  const { user } = world.filled.members.find((member) => member.project === project?.id) ?? { user: '' };
  kvetch.stats.reset();
  const { data, errors } = await world.ask(
    user,
    `query ($id: UUID!) {
      project(id: $id) {
        viewerRole
        issues(first: 20) {
          totalCount
          nodes { key title author { name } labels { totalCount edges { data node { name } } } comments { totalCount nodes { text author { name } } } }
        }
        activity(first: 20) { nodes { kind actor { name } subject { __typename ... on Issue { title } ... on Comment { text } ... on Member { role } } } }
      }
    }`,
    { id: project?.id },
  );
  assert.is(errors, undefined);
  assert.is(data.project.viewerRole, 'MAINTAINER');
  assert.is(data.project.issues.totalCount, 200);
  assert.is(data.project.issues.nodes.length, 20);
  assert.is(data.project.activity.nodes.length, 20);
  for (const issue of data.project.issues.nodes) {
    assert.equal([issue.labels.totalCount, issue.comments.totalCount], [2, 1]);
  }
  // Reads wait for each other; their number does not depend on the number of issues.
  assert.ok(kvetch.stats.rounds <= 25, `${kvetch.stats.rounds} rounds`);
  await kvetch.close();
});

whole.run();
