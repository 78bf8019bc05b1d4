// The types of the library: what zod's schemas describe as plain types, and only what the API leads to.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';

/** TypeScript writes a schema's type out, parts of it dozens of times over: megabytes for what a few hundred lines say. */
export async function writeTypes(dist) {
  for (const name of ['trace', 'check', 'lab', 'drift', 'diff', 'matrix', 'policy']) {
    const file = join(dist, 'document', `${name}-schema`);
    const { [`${name}Schema`]: schema } = await import(`${file}.js`);
    writeFileSync(
      `${file}.d.ts`,
      withoutSchemas(readFileSync(`${file}.d.ts`, 'utf8'), z.toJSONSchema(schema, { target: 'draft-7', io: 'output' })),
    );
  }
  removeUnreached(dist);
  indentByTabs(dist);
}

/** A hundredth of the package was spaces. */
function indentByTabs(dist) {
  for (const name of readdirSync(dist, { recursive: true })) {
    const file = join(dist, name);
    if (name.endsWith('.d.ts'))
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(/^ {4,}/gm, (s) => s.replaceAll('    ', '\t')),
      );
  }
}

/** The types of a module, without the schemas that one of them is taken from. */
function withoutSchemas(text, schema) {
  const statements = text.split(/\n(?=import |export |declare |\/\*\*)/);
  const types = statements.filter((s) => /^(\/\*\*.*?\*\/\n)?(export (type|interface)|import type) /s.test(s));
  const named = namesOf(schema);
  const root = typeOf(named, schema);
  const parts = [...named.values()].map(({ name, part }) => `type ${name} = ${typeOf(named, part, '', true)};`);
  return `${[...parts, ...types.map((s) => s.replace(/z\.output<typeof \w+>/, root))].join('\n').trimEnd()}\n`;
}

const capital = (name) => name[0].toUpperCase() + name.slice(1);
const keyOf = ({ description, ...schema }) => JSON.stringify(schema);

/** Parts that have a name of their own, and those that are there more than once: by the first field that they are in, as `Source`. */
function namesOf(schema) {
  const definitions = Object.entries(schema.definitions ?? {});
  const seen = new Map(definitions.map(([id, part]) => [keyOf(part), { field: id, part, count: 2 }]));
  const look = (part, field) => {
    const key = keyOf(part);
    const found = seen.get(key);
    if (found !== undefined) found.count++;
    else if (part.properties !== undefined || part.enum?.length > 2) seen.set(key, { field, part, count: 1 });
    if (found === undefined) lookBelow(part, field);
  };
  const lookBelow = (part, field) => {
    for (const [name, property] of Object.entries(part.properties ?? {})) look(property, name);
    for (const one of [part.anyOf ?? [], part.oneOf ?? [], part.items ?? []].flat()) look(one, field);
  };
  lookBelow(schema, '');
  for (const [id, part] of definitions) lookBelow(part, id);
  const named = new Map();
  const isFree = (name) => [...named.values()].every((n) => n.name !== name);
  for (const [key, { field, part, count }] of seen) {
    const names = [field, `${field}Value`, `${field}Part`].map(capital);
    if (count > 1) named.set(key, { name: names.find(isFree), part });
  }
  return named;
}

function typeOf(named, schema, indent = '', isOwn = false) {
  const name = isOwn ? undefined : named.get(keyOf(schema))?.name;
  if (name !== undefined) return name;
  if (schema.$ref !== undefined) return capital(schema.$ref.replace('#/definitions/', ''));
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const several = schema.anyOf ?? schema.oneOf ?? (Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : null);
  if (several !== null) return several.map((one) => typeOf(named, one, indent)).join(' | ');
  if (schema.type === 'array') return arrayOf(typeOf(named, schema.items, indent));
  if (schema.type === undefined) return 'unknown';
  if (schema.type === 'object' && schema.properties === undefined)
    return `{ [field: string]: ${typeOf(named, schema.additionalProperties, indent)} }`;
  if (schema.type === 'object') return objectOf(named, schema, indent);
  const simple = { string: 'string', number: 'number', integer: 'number', boolean: 'boolean', null: 'null' }[schema.type];
  if (simple === undefined) throw new Error(`no type for ${JSON.stringify(schema)}`);
  return simple;
}

const arrayOf = (type) => (/^\w+$/.test(type) ? `${type}[]` : `(${type})[]`);

function objectOf(named, { properties, required = [] }, indent) {
  const inner = `${indent}\t`;
  const lines = Object.entries(properties).flatMap(([field, property]) => {
    const type = typeOf(named, property, inner);
    const doc = property.description === undefined ? [] : [`${inner}/** ${property.description.replaceAll('*/', '*\\/')} */`];
    return [...doc, `${inner}${field}${required.includes(field) ? `: ${type}` : `?: ${type} | undefined`};`];
  });
  return `{\n${inner}[field: string]: unknown;\n${lines.join('\n')}\n${indent}}`;
}

/**
 * Types of modules that no type of the API leads to are of no use to anybody, and what is said beside those that it only leads to is
 * for readers of the sources: a package is under 3 MB.
 */
function removeUnreached(dist) {
  const index = join(dist, 'index.d.ts');
  const reached = new Set();
  const namedBy = (file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*['"](\.[^'"]+)\.[jt]s['"]/g)].map(([, path]) =>
      join(dirname(file), `${path}.d.ts`),
    );
  const follow = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const other of namedBy(file)) follow(other);
  };
  follow(index);
  const spoken = new Set([index, ...namedBy(index)]);
  for (const name of readdirSync(dist, { recursive: true })) {
    const file = join(dist, name);
    if (!name.endsWith('.d.ts')) continue;
    if (!reached.has(file)) rmSync(file);
    else if (!spoken.has(file)) writeFileSync(file, readFileSync(file, 'utf8').replace(/^[ \t]*\/\*\*[\s\S]*?\*\/\n/gm, ''));
  }
}
