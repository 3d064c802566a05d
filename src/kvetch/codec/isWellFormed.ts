const loneSurrogate = /\p{Surrogate}/u;

/** Whether a text has no half of a surrogate pair alone: UTF-8 has no bytes for one, so two such texts would be one. */
export function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text);
}
