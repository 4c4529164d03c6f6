/**
 * Writes src/graphql/generated from ../schema.graphql, or the schema that the argument or the
 * variable SCHEMA_FILE names, and every .graphql file below src: the types of each operation, its
 * typed document, and the outline of the schema that the cache reads.
 *
 * The plugins are run through codegen's core. Its command line brings loaders for remote schemas,
 * which ask for a newer Node than this project does; we read two kinds of local file.
 */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { minifyIntrospectionQuery } from '@urql/introspection';
import {
  buildSchema,
  concatAST,
  GraphQLError,
  introspectionFromSchema,
  parse,
  Source,
  specifiedRules,
  validate,
} from 'graphql';

const root = fileURLToPath(new URL('..', import.meta.url));
const schemaFile = process.argv[2] ?? process.env.SCHEMA_FILE ?? join(root, '../schema.graphql');
const generated = join(root, 'src/graphql/generated');

/** The scalars of the API as they travel in JSON: all strings, so no number ever holds money. */
const scalars = {
  CurrencyCode: 'string',
  Cursor: 'string',
  Date: 'string',
  DateTime: 'string',
  Decimal: 'string',
};

const parseFile = (path) => parse(new Source(readFileSync(path, 'utf8'), path));

function readOperations() {
  return readdirSync(join(root, 'src'), { recursive: true })
    .filter((name) => name.endsWith('.graphql'))
    .sort()
    .map((name) => ({ location: name, document: parseFile(join(root, 'src', name)) }));
}

/** @throws {GraphQLError} the first operation that the schema does not allow, with file and line. */
function checkAgainst(schema, operations) {
  const unused = (rule) => rule.name === 'NoUnusedFragmentsRule';
  const all = concatAST(operations.map(({ document }) => document));
  const [first] = validate(
    schema,
    all,
    specifiedRules.filter((rule) => !unused(rule)),
  );
  if (first) throw first;
}

async function writeOperations(schema, documents) {
  const content = await codegen({
    filename: 'operations.ts',
    documents,
    schema,
    plugins: [{ typescriptOperations: {} }, { typedDocumentNode: {} }],
    pluginMap: { typedDocumentNode, typescriptOperations },
    config: { scalars, strictScalars: true, useTypeImports: true, enumType: 'string-literal' },
  });
  writeFileSync(join(generated, 'operations.ts'), content);
}

/** With it the cache knows which fragment matches which type, and which fields may be null. */
function writeOutline(schema) {
  const outline = minifyIntrospectionQuery(introspectionFromSchema(schema));
  writeFileSync(join(generated, 'schema-outline.json'), JSON.stringify(outline));
}

async function main() {
  const source = readFileSync(schemaFile, 'utf8');
  const schema = buildSchema(source);
  const documents = readOperations();
  checkAgainst(schema, documents);
  mkdirSync(generated, { recursive: true });
  await writeOperations(parse(source), documents);
  writeOutline(schema);
}

main().catch((error) => {
  console.error(error instanceof GraphQLError ? error.toString() : error);
  process.exit(1);
});
