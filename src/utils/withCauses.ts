/** The messages of an error and its causes: for operators, who may see a driver's words, never for clients. */
export function withCauses({ message, cause }: Error): string {
  return cause instanceof Error ? `${message} ${withCauses(cause)}` : message;
}
