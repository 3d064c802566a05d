import { anything, atLeast, type OptionTable } from '../../errors/checkOptions.ts';
import { type InvalidatorOptions, invalidatorOptions } from '../Invalidator.ts';
import { type InvalidationServerOptions, serverOptions } from './createInvalidationServer.ts';

/** The default export of a configuration module of `planql invalidation-server`. */
export interface StandaloneOptions extends InvalidatorOptions, Omit<InvalidationServerOptions, 'invalidator'> {
  /** Where it listens. Default: the environment's `PORT`, or 4001. 0: any free port. */
  readonly port?: number;
  /** The address of the interface on which it listens. Default: all. */
  readonly host?: string;
  /** Over how many milliseconds connections are ended when the process is told to go. Default 10,000. */
  readonly drainMs?: number;
}

const { invalidator: _, ...ofServer } = serverOptions;

export const standaloneOptions: OptionTable<StandaloneOptions> = {
  ...invalidatorOptions,
  ...ofServer,
  port: anything,
  host: anything,
  drainMs: atLeast(0),
};
