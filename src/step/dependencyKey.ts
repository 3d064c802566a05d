/** The dependency key of a text of the application, `m:<text>`. It never equals a key that Kvetch records. Spec 11.1.1. */
export function manualKey(text: string): string {
  return `m:${text}`;
}
