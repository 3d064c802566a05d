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

/**
 * The circles of files that import each other, types included: a type that two files share belongs to a third. Each
 * circle is the sorted list of its files.
 */
export function findCircles(sources: ReadonlyMap<string, string>): ReadonlyArray<ReadonlyArray<string>> {
  const importsOfFile = new Map<string, ReadonlyArray<string>>();
  for (const [file, text] of sources) {
    const targets = importsOf(text).map(({ specifier }) => targetOf(file, specifier));
    importsOfFile.set(
      file,
      targets.filter((target) => sources.has(target)),
    );
  }
  const circles: Array<ReadonlyArray<string>> = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: Array<string> = [];
  for (const file of sources.keys()) if (!order.has(file)) visit(file);
  return circles;

  // Tarjan's strongly connected components: files that reach each other are closed together.
  function visit(file: string): void {
    order.set(file, order.size);
    lowest.set(file, order.get(file) as number);
    open.push(file);
    for (const target of importsOfFile.get(file) ?? []) {
      if (!order.has(target)) visit(target);
      else if (!open.includes(target)) continue;
      lowest.set(file, Math.min(lowest.get(file) as number, lowest.get(target) as number));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const circle = open.splice(open.indexOf(file));
    if (circle.length > 1) circles.push(circle.sort());
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
