import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, type GraphQLSchema } from 'graphql';
import type { KvetchSchema } from '../../../src/kvetch.ts';
import type { PentModel } from '../../../src/pent/contract.ts';
import { TestProject } from '../../grapple/project.ts';
import type { Application } from './application.ts';

/** What Grapple makes of an application. */
export interface Generated {
  readonly schema: GraphQLSchema;
  readonly model: PentModel;
  readonly kvetchSchema: KvetchSchema;
  /** Its schema without planql. */
  readonly clientSchema: GraphQLSchema;
}

export async function generatedFrom(application: Application): Promise<Generated> {
  const project = new TestProject();
  try {
    project.write('schema/app.graphql', application.sdl);
    for (const [path, text] of application.stubs) project.write(path, text);
    project.generate();
    const { schema, model } = await project.plans();
    const kvetchSchema = await project.kvetchSchema();
    return { schema, model, kvetchSchema, clientSchema: clientSchemaOf(project) };
  } finally {
    project.remove();
  }
}

function clientSchemaOf(project: TestProject): GraphQLSchema {
  const text = readFileSync(join(project.folder, 'generated/schema.graphql'), 'utf8');
  const schema = buildSchema(text, { assumeValid: true });
  const parseValue = (id: unknown): string => String(id).toLowerCase();
  const scalar = schema.getType('UUID');
  // graphql 17 has another name for it
  if (scalar) Object.assign(scalar, { parseValue, coerceInputValue: parseValue });
  return schema;
}
