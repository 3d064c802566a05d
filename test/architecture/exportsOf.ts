import ts from 'typescript';
import { entryPoints } from '../../tsup.config.ts';
import { repositoryRoot } from '../support/repository.ts';

/** What an entry point exports, and the functions that can be reached by it. */
export interface Exported {
  readonly name: string;
  readonly entry: string;
  readonly isDescribed: boolean;
  /** Itself, or its methods, where they take an object with optional properties: `planqlGateway().incrementalDelivery`. */
  readonly optionsOf: readonly string[];
}

/** All that the package exports, by name. */
export function exportsOf(): ReadonlyMap<string, Exported> {
  const { config } = ts.readConfigFile(`${repositoryRoot}/tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, repositoryRoot);
  const program = ts.createProgram(Object.values(entryPoints), options);
  const checker = program.getTypeChecker();
  const found = new Map<string, Exported>();
  for (const [entry, file] of Object.entries(entryPoints)) {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} is no module.`);
    for (const symbol of checker.getExportsOfModule(module)) {
      const { name } = symbol;
      if (found.has(name)) continue;
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      const isDescribed = target.getDocumentationComment(checker).length > 0;
      found.set(name, { name, entry, isDescribed, optionsOf: withOptions(checker, target, name, source as ts.Node) });
    }
  }
  return found;
}

/** A function, a constructor, the methods of a class, and those of what a function returns. */
function withOptions(checker: ts.TypeChecker, symbol: ts.Symbol, name: string, at: ts.Node): readonly string[] {
  if (!(symbol.flags & ts.SymbolFlags.Value)) return [];
  const takesOptions = (type: ts.Type): boolean =>
    [...type.getCallSignatures(), ...type.getConstructSignatures()].some((signature) =>
      signature.parameters.some((parameter) =>
        isOptions(checker, checker.getTypeOfSymbolAtLocation(parameter, at), isOptional(parameter)),
      ),
    );
  const methodsOf = (owner: ts.Type): readonly string[] =>
    isOurs(owner) && !checker.isArrayType(owner)
      ? owner
          .getProperties()
          .filter((method) => !/^(?:__)?#/.test(method.name) && !isInternal(method))
          .filter((method) => takesOptions(checker.getTypeOfSymbolAtLocation(method, at)))
          .map((method) => method.name)
      : [];
  const type = checker.getTypeOfSymbolAtLocation(symbol, at);
  const own = takesOptions(type) ? [name] : [];
  if (symbol.flags & ts.SymbolFlags.Class) {
    return [...own, ...methodsOf(checker.getDeclaredTypeOfSymbol(symbol)).map((method) => `${name}.${method}`)];
  }
  const results = type.getCallSignatures().map((signature) => signature.getReturnType());
  // Classes that are exported are walked themselves; steps are one of them.
  const methods = results.filter(({ symbol: made }) => !((made?.flags ?? 0) & ts.SymbolFlags.Class)).flatMap(methodsOf);
  return [...own, ...methods.map((method) => `${name}().${method}`)];
}

function isInternal(symbol: ts.Symbol): boolean {
  return symbol.getJsDocTags().some(({ name }) => name === 'internal');
}

/** An object of ours with optional properties only, or one whose parameter is optional, is a set of options. */
function isOptions(checker: ts.TypeChecker, type: ts.Type, isOptionalParameter: boolean): boolean {
  if (type.isUnion())
    return type.types.some((member) => isOptions(checker, member, isOptionalParameter || type.types.length > 1));
  if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) || !isOurs(type) || type.isClass())
    return false;
  if (checker.isArrayType(type) || checker.isTupleType(type)) return false;
  if (type.getCallSignatures().length + type.getConstructSignatures().length > 0) return false;
  const named = /(?:Options|Config|Args|Steps|Input|Request)$/.test(type.aliasSymbol?.name ?? type.symbol?.name ?? '');
  return (named || isOptionalParameter) && type.getProperties().some(isOptional);
}

function isOptional(symbol: ts.Symbol): boolean {
  const declaration = symbol.valueDeclaration;
  if (symbol.flags & ts.SymbolFlags.Optional) return true;
  return declaration !== undefined && ts.isParameter(declaration) && declaration.initializer !== undefined;
}

function isOurs(type: ts.Type): boolean {
  const file = (type.aliasSymbol ?? type.symbol)?.declarations?.[0]?.getSourceFile().fileName ?? 'node_modules';
  return !file.includes('node_modules');
}
