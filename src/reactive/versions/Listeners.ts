import { errorOf } from '../../errors/errorOf.ts';
import { emitWarning } from '../../utils/emitWarning.ts';
import type { Change, VersionListener } from './VersionStore.ts';

/** The listeners of one version store. If one throws, the others are called all the same. */
export class Listeners {
  readonly #all = new Set<VersionListener>();

  add(listener: VersionListener): () => void {
    const own = { onChange: listener.onChange.bind(listener), onGap: listener.onGap.bind(listener) };
    this.#all.add(own);
    return () => void this.#all.delete(own);
  }

  change(change: Change): void {
    this.#tell((listener) => listener.onChange(change));
  }

  gap(): void {
    this.#tell((listener) => listener.onGap());
  }

  clear(): void {
    this.#all.clear();
  }

  #tell(call: (listener: VersionListener) => void): void {
    for (const listener of this.#all) {
      try {
        call(listener);
      } catch (error) {
        // A defect of the listener, and no concern of the writer.
        emitWarning(errorOf(error));
      }
    }
  }
}
