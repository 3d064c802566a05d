/** Compiled, never run: what a Kvetch schema tells TypeScript, and what must not compile. */
import {
  createKvetch,
  defineKvetchSchema,
  type Kvetch,
  type KvetchOf,
  kvetchSteps,
  memoryShards,
} from '../../src/kvetch.ts';
import type { Step } from '../../src/step/Step.ts';
import { get } from '../../steps/index.ts';

const schema = defineKvetchSchema({
  objects: [
    { typeId: 1, name: 'Project' },
    {
      typeId: 2,
      name: 'Issue',
      fields: {
        title: { kind: 'string', required: true },
        project: 'uuid',
        points: 'int',
        due: { kind: 'date' },
        done: 'bool',
      },
    },
    { typeId: 3, name: 'Label', fields: { name: 'string' } },
  ],
  edges: [
    { edgeId: 10, name: 'project_issues', from: 1, storedOn: 'Issue', storedIdAttr: 'project' },
    { edgeId: 11, name: 'issue_labels', from: 'Issue', to: 'Label' },
  ],
  indexes: [{ name: 'issue_points', type: 'Issue', attr: 'points', kind: 'int' }],
});
const kvetch = createKvetch({ schema, shards: memoryShards(1) });

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <T extends true>(_: T): void => {};

export async function store(): Promise<void> {
  const project = await kvetch.createObject('Project', { anything: [1] });
  const issue = await kvetch.createObject('Issue', { title: 'A', project, due: new Date(), done: null });
  // @ts-expect-error a required attribute is missing
  await kvetch.createObject('Issue', { points: 1 });
  // @ts-expect-error an attribute of another kind
  await kvetch.createObject('Issue', { title: 'A', points: 'three' });
  // @ts-expect-error no such attribute
  await kvetch.createObject('Issue', { title: 'A', color: 'red' });
  // @ts-expect-error no such type
  await kvetch.createObject('Isue', { title: 'A' });

  const found = await kvetch.getObject(issue);
  if (found === null) return;
  same<Same<typeof found.title, string>>(true);
  same<Same<typeof found.points, number | undefined>>(true);
  same<Same<typeof found.due, Date | undefined>>(true);
  same<Same<typeof found.typeId, 2>>(true);
  // @ts-expect-error no such attribute
  found.color;
  // the id that an attribute holds leads on, with its type
  if (found.project !== undefined) (await kvetch.getObject(found.project))?.anything;

  const any = await kvetch.getObject('an id from elsewhere');
  if (any?.typeId === 3) same<Same<typeof any.name, string | undefined>>(true);
  (await kvetch.getObject<'Label'>('an id from elsewhere'))?.name;

  await kvetch.updateObject(issue, { points: null });
  // @ts-expect-error what is required cannot be cleared
  await kvetch.updateObject(issue, { title: null });

  for (const { toId } of (await kvetch.getEdges('issue_labels', issue)).edges) (await kvetch.getObject(toId))?.name;
  // @ts-expect-error no such edge
  await kvetch.getEdges('issue_label', issue);
  await kvetch.insertEdge('issue_labels', { fromId: issue, toId: issue });
  // @ts-expect-error this edge follows from an attribute
  await kvetch.insertEdge('project_issues', { fromId: project, toId: issue });

  const { ids } = await kvetch.queryIndex('issue_points', 3);
  for (const one of await kvetch.getObjects(ids)) if (one !== null && !(one instanceof Error)) one.title;
  // @ts-expect-error the index is of numbers
  await kvetch.queryIndex('issue_points', 'three');
  for (const one of (await kvetch.browse('Label')).objects) if (!(one instanceof Error)) one.name;
}

/** Untyped stores are taken where typed ones are, and the other way round. */
export function bothWays(): void {
  const untyped: Kvetch = kvetch;
  const ofSchema: KvetchOf<typeof schema> = kvetch.forRequest();
  void [untyped, ofSchema];
}
export const byName = (names: readonly string[]): Kvetch =>
  createKvetch({
    schema: defineKvetchSchema({ objects: names.map((name, at) => ({ typeId: at + 1, name })) }),
    shards: memoryShards(1),
  });
export const inUntyped = (store: Kvetch): Promise<unknown> => store.createObject('Whatever', { x: 1 });

const { loadObject, loadObjects, loadEdges, loadEdgeObjects, loadIndex, countEdges, browseObjects } =
  kvetchSteps(schema);

export function plans($id: Step<string>, $points: Step<number>): void {
  const $issue = loadObject<'Issue'>($id);
  const $title: Step<string> = get($issue, 'title');
  const $project = loadObject(get($issue, 'project'));
  const $labels: Step<ReadonlyArray<{ readonly name?: string }>> = loadObjects(
    loadEdges('issue_labels', get($issue, 'id')),
  );
  const $issues: Step<ReadonlyArray<{ readonly title: string }>> = loadObjects(loadIndex('issue_points', $points));
  const $count: Step<number | null> = countEdges('issue_labels', $id);
  const $page = browseObjects('Label');
  const $rows = loadEdgeObjects('issue_labels', $id);
  // @ts-expect-error no such attribute
  get($issue, 'titel');
  // @ts-expect-error no such edge
  loadEdges('issue_label', $id);
  // @ts-expect-error the index is of numbers
  loadIndex('issue_points', $id);
  // @ts-expect-error no such type
  browseObjects('Labels');
  void [$title, $project, $labels, $issues, $count, $page, $rows];
}
