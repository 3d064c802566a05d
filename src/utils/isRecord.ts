/** Whether a value is an object: its properties may be read by name. Lists and functions with properties are none. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
