/**
 * Runs a task when the microtasks of this event-loop turn are done, and before the runtime reports unhandled rejections.
 * Without Node's queue of ticks: at once, among the microtasks.
 */
export const afterMicrotasks: (task: () => void) => void =
  typeof process === 'object' && typeof process.nextTick === 'function' ? process.nextTick : queueMicrotask;
