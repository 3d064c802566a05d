// The API reference: `npm run docs:api` writes docs/api from the docstrings of the public entries. test/docs/api.test.ts
// checks that it is up to date.
import { Converter, ReflectionKind } from 'typedoc';
import { entryPoints } from '../tsup.config.ts';

/** Leaves out members that a class only inherits: each is described once, with its own class. */
function withoutInherited(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    const members = context.project.getReflectionsByKind(ReflectionKind.SomeMember | ReflectionKind.Constructor);
    for (const member of members) if (member.inheritedFrom !== undefined) context.project.removeReflection(member);
  });
}

/** Calls each module by the name that programs import. */
function withImportNames(app) {
  const importNames = new Map(Object.entries(entryPoints).map(([subPath, source]) => [source, `planql${subPath.slice(1)}`]));
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    if (reflection.kindOf(ReflectionKind.Module)) reflection.name = importNames.get(`src/${reflection.name}.ts`) ?? reflection.name;
  });
}

/** @type {import('typedoc').TypeDocOptions & import('typedoc-plugin-markdown').PluginOptions} */
export default {
  plugin: ['typedoc-plugin-markdown', withImportNames, withoutInherited],
  entryPoints: Object.values(entryPoints).map((source) => `../${source}`),
  tsconfig: '../tsconfig.json',
  out: './api',
  name: 'planql: API reference',
  readme: 'none',
  outputFileStrategy: 'modules',
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  hideBreadcrumbs: true,
  hidePageHeader: true,
  hidePageTitle: false,
  useCodeBlocks: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  propertyMembersFormat: 'table',
  enumMembersFormat: 'table',
  typeDeclarationFormat: 'table',
  classPropertiesFormat: 'table',
  sort: ['kind', 'alphabetical'],
  // `npm run check` has looked for errors.
  skipErrorChecking: true,
  // Types that only shape an argument or a result are described where they are used.
  validation: { notExported: false },
};
