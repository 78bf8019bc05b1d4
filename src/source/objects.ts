import * as z from 'zod';
import type { Path } from './origin.ts';

/** Objects of the input: their fields, and the purpose of each in words. */

// No schema here is one of its own parts, so that an input that is one of its own parts ends, too; zod would keep a list of all that it has read.
z.config({ memoizer: { attach: () => {}, guard: () => {}, alloc: (_schema, _payload, empty) => empty } });

/** A field of an object, and its purpose in words. */
export interface Documented<S extends z.ZodType> {
  readonly schema: S;
  readonly doc: string;
}

type Fields = Readonly<Record<string, z.ZodType | Documented<z.ZodType>>>;
type Shape<F extends Fields> = { -readonly [K in keyof F]: F[K] extends Documented<infer S> ? S : F[K] extends z.ZodType ? F[K] : never };

export const field = <S extends z.ZodType>(schema: S, doc: string): Documented<S> => ({ schema, doc });

/**
 * The purpose of each field of an object. Kept beside the schema instead of in it: zod copies a schema for every description, which costs
 * more at start-up than all the rest of the schema. The JSON Schema takes them from here.
 */
const docsOf = new WeakMap<z.core.$ZodType, () => Readonly<Record<string, string>>>();

export function fieldDocs(schema: z.core.$ZodType): Readonly<Record<string, string>> {
  return docsOf.get(schema)?.() ?? {};
}

const isDocumented = (f: z.ZodType | Documented<z.ZodType>): f is Documented<z.ZodType> => 'doc' in f;

const schemaOf = (f: z.ZodType | Documented<z.ZodType>): z.ZodType => (isDocumented(f) ? f.schema : f);

const NO_OTHERS = z.never();
const ANY_OTHERS = z.unknown();

/**
 * An object whose fields are made when the first such object is read. Most files have few of the kinds that there are, and the schemas of
 * all of them take longer to make than those files to read.
 */
function objectOf(
  fields: () => Fields,
  others: z.ZodType | undefined,
  elsewhere: Elsewhere = () => null,
  checks: z.core.$ZodCheck<never>[] = [],
) {
  let made: readonly (readonly [string, z.ZodType | Documented<z.ZodType>])[] | undefined;
  const all = () => {
    made ??= Object.entries(fields());
    return made;
  };
  const known = () => all().flatMap(([name, f]) => (refused.has(schemaOf(f)) ? [] : [name]));
  let shape: z.core.$ZodShape | undefined;
  const schema = new z.ZodObject({
    type: 'object',
    get shape() {
      shape ??= Object.fromEntries(all().map(([name, f]) => [name, schemaOf(f)]));
      return shape;
    },
    ...(others === undefined ? {} : { catchall: others }),
    checks,
    error: (issue: z.core.$ZodRawIssue) =>
      issue.code === 'unrecognized_keys' ? [known(), issue.keys.map((key) => elsewhere(key) ?? '')].map(joined).join(PARTS) : undefined,
  });
  docsOf.set(schema, () => Object.fromEntries(all().flatMap(([name, f]) => (isDocumented(f) ? [[name, f.doc]] : []))));
  return schema;
}

/** Where a field belongs that an object does not take, in words; null: nowhere. */
type Elsewhere = (field: string) => string | null;

/** The message of an object's issue about fields that it does not take: those that it does, and for each of the others where it belongs. */
const PARTS = '\n\n';
const joined = (names: readonly string[]) => names.join('\n');

export function unknownFields(message: string): { readonly known: readonly string[]; readonly elsewhere: readonly string[] } {
  const [known = [], elsewhere = []] = message.split(PARTS).map((part) => part.split('\n'));
  return { known, elsewhere };
}

/** A schema that several fields have, made when it is first asked for: zod compiles each that is made. */
export function shared<S extends z.ZodType>(make: () => S): () => S {
  let made: S | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** An object that takes no other fields: a typo must not change an answer. */
export function strict<F extends Fields>(fields: () => F) {
  return objectOf(fields, NO_OTHERS) as z.ZodObject<Shape<F>, z.core.$strict>;
}

/** An object without some of its fields. */
export type Without<S extends z.ZodObject, K extends string> =
  S extends z.ZodObject<infer F> ? z.ZodObject<Omit<F, K>, z.core.$strict> : never;

/** The same object, held against the same rules, without some of its fields; `elsewhere` says of fields that it does not take where they belong. */
export function narrowed<S extends z.ZodObject, K extends string = never>(
  schema: S,
  without: readonly K[],
  elsewhere: Elsewhere,
): Without<S, K> {
  const fields = () => {
    const docs = fieldDocs(schema);
    const kept = Object.entries(schema.shape).filter(([name]) => !without.some((w) => w === name));
    return Object.fromEntries(kept.map(([name, own]) => [name, field(own as z.ZodType, docs[name] ?? '')]));
  };
  return objectOf(fields, NO_OTHERS, elsewhere, schema._zod.def.checks) as Without<S, K>;
}

/** A field that is there, and whose value does not fit: what was meant is not known. */
export const MALFORMED = Symbol('malformed');

/** An object of which some fields may be malformed. */
export type Stated<T> = { readonly [K in keyof T]: T[K] | typeof MALFORMED };

/** Reports a field, or a place in one, or, with no step, the object itself; without a message, as missing. `or`: the fields of which any would do. */
export type Wrong = (field: string | Path, message?: string, or?: readonly string[]) => void;

/** The same object, held against a rule about several of its fields: also when others, or these, are malformed. */
export function checked<S extends z.ZodObject>(schema: S, rule: (value: Stated<z.output<S>>, wrong: Wrong) => void): S {
  const result = schema.superRefine(
    (value, context) => {
      const bad = [...malformed(context.issues)].filter((name) => name in value).map((name) => [name, MALFORMED] as const);
      rule(bad.length === 0 ? value : { ...value, ...Object.fromEntries(bad) }, (field, message = 'this field is missing', or = []) =>
        context.addIssue({ code: 'custom', message, path: typeof field === 'string' ? [field] : [...field], params: { or } }),
      );
    },
    { when: hasItsType },
  );
  docsOf.set(result, () => fieldDocs(schema));
  return result;
}

/** The fields that have issues, or in which something has. */
export const malformed = (issues: Issues): ReadonlySet<PropertyKey> => new Set(issues.flatMap(({ path }) => path?.slice(0, 1) ?? []));

/** By itself zod holds a value against its rules only when nothing in it has an issue; the rules above want no more than its own type. */
export const hasItsType = ({ issues }: { readonly issues: Issues }): boolean =>
  issues.every((issue) => (issue.path ?? []).length > 0 || issue.continue === true);

type Issues = readonly z.core.$ZodRawIssue[];

/** An object whose other fields make no difference to any answer. */
export function loose<F extends Fields>(fields: () => F) {
  return objectOf(fields, ANY_OTHERS) as z.ZodObject<Shape<F>, z.core.$loose>;
}

/** An object that is read for these fields: others are let go. */
export function projected<F extends Fields>(fields: () => F) {
  return objectOf(fields, undefined) as z.ZodObject<Shape<F>, z.core.$strip>;
}

/** Fields that are no help in a search for the right name. */
const refused = new WeakSet<z.core.$ZodType>();

/** A field of the design whose behaviour is not built yet: refused, so that it is not taken to count. */
export const later = (what: string) => not(`${what}: not supported yet; a later version will read it`);

/** A field that people write and that must not be there, and what to write instead. */
export function not(error: string) {
  const schema = z.never({ error }).optional();
  refused.add(schema);
  return schema;
}
