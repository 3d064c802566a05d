import { readSource } from './repository.ts';

/** The rooms of src/README.md, with the patterns of the tests that hold each of them. */
export function roomTests(): ReadonlyMap<string, readonly string[]> {
  const rows = readSource('src/README.md').matchAll(/^\| `([^`]+)` \|.*\| (`[^|]*`) \|$/gm);
  return new Map(
    [...rows].map(([, room = '', tests = '']) => [room, tests.split(' ').map((test) => test.slice(1, -1))]),
  );
}

/** The tests of the room in which a folder or a file is. */
export function testsOfRoom(path: string): readonly string[] {
  const rooms = roomTests();
  for (let folder = path; folder !== '.' && folder !== ''; folder = folder.split('/').slice(0, -1).join('/')) {
    const tests = rooms.get(folder);
    if (tests !== undefined) return tests;
  }
  throw new Error(`src/README.md names no room for "${path}".`);
}
