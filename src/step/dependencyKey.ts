/** The dependency key of a text of the application: never equal to a key that Kvetch records. */
export function manualKey(text: string): string {
  return `m:${text}`;
}
