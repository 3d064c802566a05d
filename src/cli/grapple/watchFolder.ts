import { existsSync, type FSWatcher, readdirSync, watch } from 'node:fs';
import { join, posix } from 'node:path';

/** How long nothing must change before it counts: editors write a file in several steps. */
const QUIET_MS = 100;

/**
 * Calls `changed` once after each burst of changes in a project, with the files: those in some of its folders and, where
 * `.` is among them, those beside them. Packages are never looked at. Returns how to end it.
 */
export function watchFolder(
  project: string,
  folders: readonly string[],
  changed: (files: ReadonlySet<string>) => void,
): () => void {
  const watched = new WatchedFolders(project, folders, changed);
  return () => watched.close();
}

/**
 * Each folder is watched alone. A recursive watch of Node on Linux watches each file, and loses one that an editor
 * replaces.
 */
class WatchedFolders {
  readonly #project: string;
  readonly #folders: readonly string[];
  readonly #changed: (files: ReadonlySet<string>) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #files = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(project: string, folders: readonly string[], changed: (files: ReadonlySet<string>) => void) {
    this.#project = project;
    this.#folders = folders;
    this.#changed = changed;
    this.#watchNew();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
  }

  /** Watches folders that have come. Returns the files in them. */
  #watchNew(): readonly string[] {
    const found: string[] = [];
    // A folder that is deleted and comes again is a new entry of the project.
    const open = ['.', ...this.#folders.filter((folder) => folder !== '.')];
    for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
      const isNew = !this.#watchers.has(folder);
      if (!existsSync(join(this.#project, folder))) continue;
      if (isNew) this.#watch(folder);
      if (folder === '.') continue;
      for (const entry of readdirSync(join(this.#project, folder), { withFileTypes: true })) {
        const path = posix.join(folder, entry.name);
        if (entry.isDirectory()) open.push(path);
        else if (isNew) found.push(path);
      }
    }
    return found;
  }

  #watch(folder: string): void {
    const watcher = watch(join(this.#project, folder), (_event, file) => this.#note(folder, file));
    const forget = (): void => {
      watcher.close();
      if (this.#watchers.get(folder) === watcher) this.#watchers.delete(folder);
    };
    watcher.on('error', forget);
    this.#watchers.set(folder, watcher);
  }

  #note(folder: string, file: string | null): void {
    if (file === null || /\.tmp$|\.db(-\w+)?$|~$/.test(file)) return;
    const path = posix.join(folder, file.replaceAll('\\', '/'));
    const isFolder = this.#folders.includes(path);
    if (folder === '.' && !isFolder && !this.#folders.includes('.')) return;
    // Deleted or new: the old watcher is of no use.
    if (isFolder || !existsSync(join(this.#project, path))) this.#drop(path);
    this.#files.add(path);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), QUIET_MS);
  }

  #drop(folder: string): void {
    for (const [path, watcher] of this.#watchers) {
      if (path !== folder && !path.startsWith(`${folder}/`)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
  }

  #tell(): void {
    const files = this.#files;
    this.#files = new Set();
    for (const file of this.#watchNew()) files.add(file);
    this.#changed(files);
  }
}
