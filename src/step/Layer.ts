import type { Layer } from './Step.ts';

/** Whether `ancestor` is `layer` or one of the layers that it lies in. */
export function isWithin(layer: Layer, ancestor: Layer): boolean {
  let current: Layer | null = layer;
  while (current !== null && current.depth > ancestor.depth) current = current.parent;
  return current === ancestor;
}

/** The innermost layer that both lie in. */
export function commonLayer(layer: Layer, other: Layer): Layer {
  let current = layer;
  while (current.parent !== null && !isWithin(other, current)) current = current.parent;
  return current;
}
