const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;

/** Whether a text is a point in time such as `2026-01-31T12:00:00Z`. */
export function isIsoDate(text: string): boolean {
  return isoDate.test(text) && !Number.isNaN(Date.parse(text));
}
