const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;
const DAY = 'YYYY-MM-DD'.length;

/** Whether a text is a point in time such as `2026-01-31T12:00:00Z`, and is one in UTC, too: what is printed can be read. */
export function isIsoDate(text: string): boolean {
  if (!isoDate.test(text)) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && isoDate.test(new Date(ms).toISOString()) && isDay(text.slice(0, DAY));
}

/** `Date.parse` takes February 30 for March 2. */
function isDay(day: string): boolean {
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}
