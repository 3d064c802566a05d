import type { Driver } from '../driver/Driver.ts';

/** Whether a null may have made later operations superfluous. */
export function mayEndEarly({ state, linked }: Driver): boolean {
  const steps = state.possibleBubbles;
  if (steps === null) return false;
  if (state.request.onError !== 'NULL' && steps.some((step) => linked.requires(step))) return true;
  state.possibleBubbles = null;
  return false;
}
