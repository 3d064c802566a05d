import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Attempt, attempt, described, problemOf } from './attempt.ts';

/** More of them, from other seeds: `npm run property:loads`. */
const attempts = Number(process.env.PROPERTY_ATTEMPTS ?? 200);

const test = suite('loads of random schemas, data, privacy and operations [R23 R24 10.2.4 10.4.6]');

test(`${attempts} operations make no more rounds and ask for no more keys than with DataLoader, and answer as without what starts ahead, whatever fails`, async () => {
  await fc.assert(
    fc.asyncProperty(attempt, async (one) => {
      const problem = await problemOf(one);
      if (problem !== null) throw new Error(`${problem}\n${await described(one)}`);
    }),
    { seed: 1, numRuns: attempts },
  );
});

const one = { perType: 1, servers: 1, hidden: [false], targets: [0], lengths: [0], members: [] };
const leaf = { field: 0, argument: 0, below: [] };
const all = (types: Attempt['world']['types']): Attempt['world'] => ({ ...one, types });

/** What was found to differ, made small. Each is a choice of spec/10-loads.md, or was a mistake. */
const cases: Readonly<Record<string, Attempt>> = {
  'a window is asked for ahead in vain that holds one which is needed': {
    world: {
      perType: 1,
      servers: 1,
      hidden: [true],
      targets: [0, 0, 0, 0, 0, 0, 0, 6, 0],
      lengths: [4],
      members: [],
      types: [
        { rule: 'flag', references: [], lists: [1] },
        { rule: 'all', references: [0], lists: [0] },
      ],
    },
    operation: {
      roots: [
        {
          field: 3,
          argument: 0,
          below: [
            {
              field: 6,
              argument: 1,
              below: [{ field: 0, argument: 0, below: [{ field: 0, argument: 0, below: [] }] }],
            },
          ],
        },
        {
          field: 0,
          argument: 0,
          below: [
            {
              field: 1,
              argument: 1,
              below: [
                { field: 6, argument: 2, below: [{ field: 0, argument: 0, below: [] }] },
                { field: 0, argument: 0, below: [{ field: 0, argument: 0, below: [] }] },
              ],
            },
            {
              field: 0,
              argument: 0,
              below: [{ field: 0, argument: 0, below: [{ field: 0, argument: 0, below: [] }] }],
            },
          ],
        },
      ],
      first: null,
    },
  },
  'a count fails while its list is read': {
    world: all([{ rule: 'all', references: [0], lists: [0, 0] }]),
    operation: {
      first: 1,
      roots: [
        { ...leaf, below: [{ field: 4, argument: 1, below: [] }, leaf] },
        { ...leaf, below: [{ field: 5, argument: 0, below: [] }] },
      ],
    },
  },
  'the check of a list is read for rows that never come': {
    world: {
      ...all([
        { rule: 'member', references: [], lists: [] },
        { rule: 'reference', references: [0], lists: [] },
      ]),
      hidden: [true, false],
    },
    operation: {
      first: null,
      roots: [{ field: 7, argument: 4, below: [{ field: 7, argument: 0, below: [leaf] }] }],
    },
  },
  'an item fails that makes its list null, and what was read for another one': {
    world: { ...all([{ rule: 'all', references: [0], lists: [0, 0] }]), perType: 2, targets: [3, 0], lengths: [2, 0] },
    operation: {
      first: 2,
      roots: [{ ...leaf, below: [{ field: 2, argument: 0, below: [{ field: 4, argument: 0, below: [] }] }, leaf] }],
    },
  },
  'an item of another list of that object fails': {
    world: {
      ...all([
        { rule: 'all', references: [], lists: [] },
        { rule: 'all', references: [], lists: [1, 0] },
      ]),
      perType: 2,
      targets: [1, 0],
      lengths: [0, 2, 0],
    },
    operation: {
      first: 2,
      roots: [
        {
          field: 3,
          argument: 3,
          below: [{ field: 6, argument: 0, below: [{ field: 3, argument: 0, below: [leaf] }] }],
        },
        leaf,
      ],
    },
  },
  'a load ends at once, for what it asks was loaded by a check, and a list by its key is to start': {
    world: {
      perType: 3,
      servers: 1,
      hidden: [false],
      targets: [1, 2, 0],
      lengths: [0],
      members: [],
      types: [
        { rule: 'all', references: [0], lists: [0] },
        { rule: 'reference', references: [0], lists: [] },
      ],
    },
    operation: {
      roots: [
        { field: 3, argument: 2, below: [{ field: 0, argument: 0, below: [{ field: 0, argument: 0, below: [] }] }] },
        {
          field: 7,
          argument: 0,
          below: [
            {
              field: 7,
              argument: 0,
              below: [{ field: 5, argument: 0, below: [{ field: 2, argument: 0, below: [] }] }],
            },
            { field: 0, argument: 0, below: [{ field: 0, argument: 0, below: [] }] },
          ],
        },
      ],
      first: null,
    },
  },
};

for (const [name, found] of Object.entries(cases)) {
  test(name, async () => assert.is(await problemOf(found), null));
}

test.run();
