/** A text that is no JSON is given as it is: the engine refuses and reports it, and takes the others. */
export function parsedPlan(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
