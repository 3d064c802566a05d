/**
 * How long to wait after so many attempts in vain: twice as long after each, up to `mostMs`, less a random part of up to a half, so
 * that clients do not come all at once.
 */
export function pauseMs(failures: number, leastMs: number, mostMs: number): number {
  return Math.min(mostMs, leastMs * 2 ** failures) * (0.5 + Math.random() / 2);
}
