import type { Places } from '../places.ts';
import type { Operation, Variables } from '../workloads.ts';

/** One way to answer what is asked, open. */
export interface Program {
  /** The response, as a server would send it. */
  ask(operation: Operation, variables: Variables): Promise<Uint8Array | string>;
  /** Changes the text of an item; later reads see it. */
  write(itemId: string, text: string): Promise<void>;
  close(): Promise<void>;
}

export interface ProgramKind {
  readonly name: string;
  readonly title: string;
  open(places: Places, withRedis: boolean): Promise<Program>;
}
