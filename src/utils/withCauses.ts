/** What an error says, and what its causes say: for operators, who may see a driver's words, never for clients. */
export function withCauses({ message, cause }: Error): string {
  return cause instanceof Error ? `${message} ${withCauses(cause)}` : message;
}
