import { followChanges as followStream } from '../external/followChanges.ts';
import { debeziumHandler } from './debezium/debeziumHandler.ts';
import { followDebezium } from './debezium/followDebezium.ts';
import { followMysql } from './mysql/followMysql.ts';

/** Invalidates by changes that other programs make: of any stream, or of a source that planql knows. Spec 11.8.10.2. */
export const followChanges: typeof followStream & {
  readonly mysql: typeof followMysql;
  readonly debezium: typeof followDebezium & { readonly http: typeof debeziumHandler };
} = Object.assign(
  <TChange>(...args: Parameters<typeof followStream<TChange>>): Promise<void> => followStream(...args),
  {
    mysql: followMysql,
    debezium: Object.assign((...args: Parameters<typeof followDebezium>): Promise<void> => followDebezium(...args), {
      http: debeziumHandler,
    }),
  },
);
