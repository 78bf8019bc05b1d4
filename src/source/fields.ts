import * as z from 'zod';
import { familyOf, formatAddress, type IpAddress, isLinkLocal, parseAddress, unmapped } from '../net/address.ts';
import { formatPrefix, type Prefix, parseCidr, prefixOf } from '../net/prefix.ts';
import { didYouMean, orList } from './suggest.ts';

/** The fields that topologies are made of. Each reads text into the type that the rest of the program works with. */

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
function objectOf(fields: () => Fields, others: z.ZodType, error?: (keys: readonly string[], known: readonly string[]) => string) {
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
    catchall: others,
    error: (issue: z.core.$ZodRawIssue) => (issue.code === 'unrecognized_keys' ? error?.(issue.keys, known()) : undefined),
  });
  docsOf.set(schema, () => Object.fromEntries(all().flatMap(([name, f]) => (isDocumented(f) ? [[name, f.doc]] : []))));
  return schema;
}

/** An object that takes no other fields: a typo must not change an answer. One line of the message for each unknown key, in order. */
export function strict<F extends Fields>(fields: () => F) {
  const schema = objectOf(fields, NO_OTHERS, (keys, known) => keys.map((k) => `unknown field${hint(k, known)}`).join('\n'));
  return schema as z.ZodObject<Shape<F>, z.core.$strict>;
}

/** The same object, held against a rule about several of its fields. */
export function checked<S extends z.ZodObject>(
  schema: S,
  rule: (value: z.output<S>, missing: (field: string, message?: string) => void) => void,
): S {
  const result = schema.superRefine((value, context) =>
    rule(value, (field, message = 'this field is missing') => context.addIssue({ code: 'custom', message, path: [field] })),
  );
  docsOf.set(result, () => fieldDocs(schema));
  return result;
}

/** An object whose other fields make no difference to any answer. */
export function loose<F extends Fields>(fields: () => F) {
  return objectOf(fields, ANY_OTHERS) as z.ZodObject<Shape<F>, z.core.$loose>;
}

const hint = (key: string, known: readonly string[]) => `; ${didYouMean(key, known) ?? `known here: ${known.join(', ')}`}`;

/** Fields that are no help in a search for the right name. */
const refused = new WeakSet<z.core.$ZodType>();

/** A field of the design whose behaviour is not built yet: refused, so that it is not taken to count. */
export function later(what: string) {
  const schema = z.never({ error: `${what}: not supported yet; a later version will read it` }).optional();
  refused.add(schema);
  return schema;
}

const EXPECTED_ADDRESS = 'expected an IP address, as 10.244.1.10 or fd00:10:244::10';

export const address = z.string({ error: EXPECTED_ADDRESS }).transform((text, context): IpAddress => {
  const parsed = parseAddress(text);
  const message = parsed === null ? EXPECTED_ADDRESS : whyNot(parsed);
  if (parsed !== null && message === null) return parsed;
  context.addIssue({ code: 'custom', message: message ?? EXPECTED_ADDRESS });
  return z.NEVER;
});

/** fe80::/10 needs a device beside it to mean anything; every device has one of its own, which nothing here states. */
export function whyNot(parsed: IpAddress): string | null {
  if (typeof parsed === 'bigint' && isLinkLocal(parsed)) return 'a link-local address means nothing without its device; state a global one';
  const mapped = unmapped(parsed);
  return mapped === null ? null : `an IPv4-mapped address is never on the wire; write ${formatAddress(mapped)}`;
}

const EXPECTED_PREFIX = 'expected a prefix, as 10.244.0.0/16 or fd00:10:244::/56';

export const prefix = z.string({ error: EXPECTED_PREFIX }).transform((text, context): Prefix => {
  const parsed = parseCidr(text);
  if (parsed === null) {
    context.addIssue({ code: 'custom', message: EXPECTED_PREFIX });
    return z.NEVER;
  }
  const network = prefixOf(parsed.address, parsed.length);
  if (network.address !== parsed.address)
    context.addIssue({
      code: 'custom',
      message: `${formatAddress(parsed.address)}/${parsed.length} has host bits set; the prefix is ${formatPrefix(network)}`,
    });
  return network;
});

const familyIn = (value: IpAddress | Prefix) => familyOf(typeof value === 'object' ? value.address : value);

/** One value, or one of each IP family: the first one's is the primary family. */
export function oneAFamily<S extends typeof address | typeof prefix>(schema: S) {
  return z
    .array(schema)
    .min(1, { error: 'state at least one' })
    .max(2, { error: 'state at most two, one of each IP family' })
    .refine(([a, b]) => a === undefined || b === undefined || familyIn(a) !== familyIn(b), {
      error: 'state one of each IP family: one IPv4, one IPv6',
    });
}

/** Of a field and its plural, either one. */
export function eitherOf<T extends object>(
  value: T,
  one: keyof T & string,
  several: keyof T & string,
  wrong: (field: string, message?: string) => void,
  needed: boolean,
): void {
  if (value[one] !== undefined && value[several] !== undefined) wrong(several, `state either ${one} or ${several}`);
  if (needed && value[one] === undefined && value[several] === undefined) wrong(one);
}

/** Of two fields of one packet, or of one that is translated: it has one family. */
export function ofOneFamily<K extends string>(
  value: Readonly<Partial<Record<K, IpAddress | Prefix | undefined>>>,
  [one, other]: readonly [K, K],
  wrong: (field: string, message?: string) => void,
): void {
  const [a, b] = [value[one], value[other]];
  if (a !== undefined && b !== undefined && familyIn(a) !== familyIn(b))
    wrong(other, `this is ${familyIn(b)}, and ${one} is ${familyIn(a)}: a packet has one IP family; state one entry for each`);
}

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const nameRule = (letters: string) => `lower case letters, digits${letters}, with a letter or digit at both ends`;

export const label = z.string().regex(DNS_LABEL, { error: `expected a name of ${nameRule(' and -')}, at most 63 characters` });
export const subdomain = z
  .string()
  .max(253, { error: 'a name has at most 253 characters' })
  .regex(DNS_SUBDOMAIN, { error: `expected a name of ${nameRule(', - and .')}` });

const encoder = new TextEncoder();

/**
 * Linux takes 15 bytes for a device's name, and neither /, : nor white space; a % would be filled in with a number, and `all` and `default`
 * are folders of its sysctls. Source: dev_valid_name and dev_alloc_name, net/core/dev.c; sysctl_dev_name_is_allowed, net/ipv4/devinet.c.
 */
export const deviceName = z
  .string()
  .regex(/^[^\s/:\p{Cc}]{1,15}$/u, { error: 'expected a device name, as eth0: at most 15 characters, no space, / or :' })
  .refine((name) => encoder.encode(name).length <= 15, {
    error: 'expected a device name of at most 15 bytes: letters beyond ASCII take several',
  })
  .refine((name) => !['.', '..', 'all', 'default'].includes(name), {
    error: 'Linux has no device of this name: all, default, . and .. are taken',
  })
  .refine((name) => !name.includes('%'), { error: 'expected a device name without %, which Linux takes for the place of a number' });

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number, what = 'a whole number') {
  const error = `expected ${what} from ${least} to ${most}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

export const port = whole(1, 65535, 'a port number');

export const portName = z.string({ error: 'expected a port name' }).regex(/^(?=.*[a-z])[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, {
  error: 'expected a port name: lower case letters, digits and -, at least one letter',
});

export const protocol = z
  .enum(['TCP', 'UDP', 'SCTP'], {
    error: (issue) =>
      typeof issue.input === 'string'
        ? `expected ${orList(['TCP', 'UDP', 'SCTP'])}${nearestHint(issue.input, ['TCP', 'UDP', 'SCTP'])}`
        : undefined,
  })
  .transform((p) => p.toLowerCase() as Lowercase<typeof p>)
  .optional();

export const mtu = z.number().int().min(68, { error: 'IPv4 needs an MTU of at least 68' }).max(65535, { error: 'an MTU is at most 65535' });

export const labels = z.record(z.string(), z.string());

/** What a Service selects by. Deployments and policies write theirs otherwise, and people mix them up. */
export const serviceSelector = z.record(
  z.string(),
  z.string({
    error: ({ input }) =>
      typeof input === 'object'
        ? "expected a label's value; a Service's selector is the labels themselves, as { app: web }, without matchLabels"
        : undefined,
  }),
);

/** One of these words. `unbuilt` exist too, but no version reads them so far: their names are no typos. */
export function oneOf<const T extends readonly [string, ...string[]]>(values: T, unbuilt: readonly string[] = []) {
  return z.enum(values, {
    error: ({ input }) => {
      if (typeof input !== 'string') return undefined;
      if (unbuilt.includes(input.toLowerCase())) return `${input}: not supported yet; this version has ${orList(values)}`;
      return `expected ${orList(values)}${nearestHint(input, values)}`;
    },
  });
}

function nearestHint(input: string, values: readonly string[]): string {
  const ends = (a: string, b: string) => a.toLowerCase().endsWith(b.toLowerCase());
  // Prefix of an Ingress is PathPrefix of an HTTPRoute.
  const longer = values.find((v) => ends(v, input) || ends(input, v));
  const found = didYouMean(input, values) ?? (longer === undefined || input === '' ? null : `did you mean ${longer}?`);
  return found === null ? '' : `; ${found}`;
}
