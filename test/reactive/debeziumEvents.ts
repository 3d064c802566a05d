/** Messages after the examples in Debezium's documentation of its connectors, with the fields of version 3. */

const mysql = {
  version: '3.0.0.Final',
  connector: 'mysql',
  name: 'shop',
  snapshot: 'false',
  db: 'shop',
  table: 'orders',
};
const times = { ts_ms: 1_615_928_667_000, ts_us: 1_615_928_667_000_123 };

export interface Row {
  readonly id: number | string;
  readonly buyer: string;
}

const event = (op: string, before: unknown, after: unknown, source: object = {}): string =>
  JSON.stringify({ before, after, source: { ...mysql, ...times, ...source }, op, ...times, transaction: null });

export const created = (after: Row): string => event('c', null, after);
export const updated = (before: Row, after: Row): string => event('u', before, after);
export const deleted = (before: Row): string => event('d', before, null);
export const truncated: string = event('t', null, null);
export const ofSnapshot = (after: Row, snapshot: string): string => event('r', null, after, { snapshot });
export const ofPostgres = (after: Row): string =>
  event('u', null, after, { connector: 'postgresql', schema: 'public', lsn: 24_023_128, xmin: null });
export const withSchema = (text: string): string =>
  JSON.stringify({
    schema: { type: 'struct', optional: false, name: 'shop.orders.Envelope' },
    payload: JSON.parse(text),
  });
export const heartbeat: string = JSON.stringify({ ts_ms: 1_565_787_098_802 });
export const transactionEnd: string = JSON.stringify({
  ...{ status: 'END', id: '571:53195832', ts_ms: 1_486_500_577_691, event_count: 2 },
  data_collections: [{ data_collection: 'shop.orders', event_count: 2 }],
});
export const altered: string = JSON.stringify({
  ...{ source: mysql, ts_ms: 1_651_535_750_218, databaseName: 'shop', schemaName: null },
  ddl: 'ALTER TABLE orders ADD middle_name VARCHAR(255)',
  tableChanges: [{ type: 'ALTER', id: '"shop"."orders"', table: { defaultCharsetName: 'utf8mb4' } }],
});
export const cloudEvent = (after: Row): string =>
  JSON.stringify({
    ...{ id: 'name:shop;lsn:29274832;txId:565', source: '/debezium/postgresql/shop', specversion: '1.0' },
    ...{ type: 'io.debezium.connector.postgresql.DataChangeEvent', datacontenttype: 'application/json' },
    ...{ iodebeziumop: 'c', iodebeziumdb: 'shop', iodebeziumschema: 'public', iodebeziumtable: 'orders' },
    data: { before: null, after },
  });
