import { posix } from 'node:path';
import { importsOf } from './importsOf.ts';
import type { Room } from './rooms.ts';

/** The breaches of the import table in some sources (path from the root -> text), one sentence each. */
export function checkImports(sources: ReadonlyMap<string, string>, rooms: ReadonlyArray<Room>): ReadonlyArray<string> {
  const broken: Array<string> = [];
  for (const [file, text] of sources) {
    if (isEntryPoint(file)) continue;
    const room = roomOf(file, rooms);
    if (!room) {
      broken.push(`${file} is in no room of the import table.`);
      continue;
    }
    for (const { specifier } of importsOf(text)) {
      const target = targetOf(file, specifier);
      if (!isAllowed(room, target, rooms)) broken.push(`${file} may not import ${target}`);
    }
  }
  return broken;
}

/** The breaches of the table itself: a room may only name rooms that stand before it. */
export function checkRooms(rooms: ReadonlyArray<Room>): ReadonlyArray<string> {
  const folders = rooms.map((room) => room.folder);
  return rooms.flatMap((room, index) =>
    room.imports
      .filter((folder) => !folders.slice(0, index).includes(folder))
      .map((folder) => `${room.folder} names ${folder}, which does not stand below it.`),
  );
}

/** The cycles that loading the sources would run into, each as the files on its way; type imports make none. */
export function findCycles(sources: ReadonlyMap<string, string>): ReadonlyArray<string> {
  const cycles: Array<string> = [];
  const finished = new Set<string>();
  for (const file of sources.keys()) visit(file, []);
  return cycles;

  function visit(file: string, way: ReadonlyArray<string>): void {
    const text = sources.get(file);
    if (text === undefined || finished.has(file)) return;
    if (way.includes(file)) {
      cycles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
      return;
    }
    for (const { specifier, isRuntime } of importsOf(text)) {
      if (isRuntime) visit(targetOf(file, specifier), [...way, file]);
    }
    finished.add(file);
  }
}

/** Entry points choose and export: they may import anything, and nobody imports them. */
function isEntryPoint(file: string): boolean {
  return posix.dirname(file) === 'src';
}

function roomOf(file: string, rooms: ReadonlyArray<Room>): Room | undefined {
  return rooms
    .filter((room) => file.startsWith(`${room.folder}/`))
    .sort((left, right) => right.folder.length - left.folder.length)[0];
}

function targetOf(file: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier;
}

function isAllowed(room: Room, target: string, rooms: ReadonlyArray<Room>): boolean {
  if (/^(src|steps)\//.test(target)) {
    const targetRoom = roomOf(target, rooms);
    return targetRoom === room || (targetRoom !== undefined && room.imports.includes(targetRoom.folder));
  }
  return room.thirdParty.some((name) =>
    name.endsWith(':') ? target.startsWith(name) : target === name || target.startsWith(`${name}/`),
  );
}
