import { existsSync, type FSWatcher, watch } from 'node:fs';
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
  let timer: NodeJS.Timeout | undefined;
  let files = new Set<string>();
  const note = (folder: string, file: string | null): void => {
    if (file === null || /\.tmp$|\.db(-\w+)?$|~$/.test(file)) return;
    files.add(posix.join(folder, file.replaceAll('\\', '/')));
    clearTimeout(timer);
    timer = setTimeout(() => {
      const seen = files;
      files = new Set();
      changed(seen);
    }, QUIET_MS);
  };
  const watchers = folders
    .filter((folder) => existsSync(join(project, folder)))
    .map(
      (folder): FSWatcher =>
        watch(join(project, folder), { recursive: folder !== '.' }, (_event, file) => note(folder, file)),
    );
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
