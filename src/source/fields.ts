import * as z from 'zod';
import { familyOf, formatAddress, type IpAddress, isLinkLocal, parseAddress, unmapped } from '../net/address.ts';
import { isUnicastMac, type Mac, parseMac } from '../net/mac.ts';
import { formatPrefix, type Prefix, parseCidr, prefixOf } from '../net/prefix.ts';
import { MALFORMED, type Wrong } from './objects.ts';
import { didYouMean, orList } from './suggest.ts';

/** The values that topologies are made of. Each reads text into the type that the rest of the program works with. */

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

const EXPECTED_MAC = 'expected a MAC address, as "66:00:00:00:00:01"';

/** Of one device: neither all zeros nor one for many, which the kernel gives to none (is_valid_ether_addr, include/linux/etherdevice.h). */
export const macAddress = z.string({ error: EXPECTED_MAC }).transform((text, context): Mac => {
  const mac = parseMac(text);
  if (mac !== null && isUnicastMac(mac)) return mac;
  context.addIssue({
    code: 'custom',
    message: mac === null ? EXPECTED_MAC : 'no device has this MAC address: it is all zeros, or stands for many',
  });
  return z.NEVER;
});

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
const oneAFamily = <S extends typeof address | typeof prefix>(schema: S) =>
  z.array(schema).check(
    z.minLength(1, { error: 'state at least one' }),
    z.maxLength(2, { error: 'state at most two, one of each IP family' }),
    z.refine(([a, b]) => a === undefined || b === undefined || familyIn(a) !== familyIn(b), {
      error: 'state one of each IP family: one IPv4, one IPv6',
    }),
  );

export const addresses = oneAFamily(address);
export const prefixes = oneAFamily(prefix);

/** Of a field and its plural, either one. */
export function eitherOf<T extends object>(
  value: T,
  one: keyof T & string,
  several: keyof T & string,
  wrong: Wrong,
  needed: boolean,
): void {
  if (value[one] !== undefined && value[several] !== undefined) wrong(several, `state either ${one} or ${several}`);
  if (needed && value[one] === undefined && value[several] === undefined) wrong(one, undefined, [several]);
}

/** Of two fields of one packet, or of one that is translated: it has one family. */
export function ofOneFamily<K extends string>(
  value: Readonly<Partial<Record<K, IpAddress | Prefix | typeof MALFORMED | undefined>>>,
  [one, other]: readonly [K, K],
  wrong: Wrong,
): void {
  const a = value[one];
  const b = value[other];
  if (a === undefined || a === MALFORMED || b === undefined || b === MALFORMED) return;
  if (familyIn(a) !== familyIn(b))
    wrong(other, `this is ${familyIn(b)}, and ${one} is ${familyIn(a)}: a packet has one IP family; state one entry for each`);
}

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const nameRule = (letters: string) => `lower case letters, digits${letters}, with a letter or digit at both ends`;

export const label = z.string().regex(DNS_LABEL, { error: `expected a name of ${nameRule(' and -')}, at most 63 characters` });
export const subdomain = z
  .string()
  .check(
    z.maxLength(253, { error: 'a name has at most 253 characters' }),
    z.regex(DNS_SUBDOMAIN, { error: `expected a name of ${nameRule(', - and .')}` }),
  );

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

/** A whole number from `least` to `most`. With all checks in one call: zod copies a schema for each. */
export function whole(least: number, most: number, what = 'a whole number') {
  const error = `expected ${what} from ${least} to ${most}`;
  return z.number({ error }).check(z.int({ error }), z.gte(least, { error }), z.lte(most, { error }));
}

export const port = whole(1, 65535, 'a port number');

/** The kernel's 24 bits. */
export const vni = whole(0, 2 ** 24 - 1, 'a VNI');
/** A range of ports as the API server's flag has it: 30000-32767. Null: it is none. */
export function parsePortRange(text: string): PortRange | null {
  const [, low, high] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  const [first, last] = [Number(low), Number(high)];
  return first >= 1 && last <= 65535 && first <= last ? { first, last } : null;
}

export const formatPortRange = ({ first, last }: PortRange): string => `${first}-${last}`;

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

const EXPECTED_RANGE = 'expected two ports, the lower one first, as 30000-32767';

export const portRange = z.string({ error: EXPECTED_RANGE }).transform((text, context): PortRange => {
  const read = parsePortRange(text);
  if (read !== null) return read;
  context.addIssue({ code: 'custom', message: EXPECTED_RANGE });
  return z.NEVER;
});

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

export const mtu = () =>
  z.number().check(z.int(), z.gte(68, { error: 'IPv4 needs an MTU of at least 68' }), z.lte(65535, { error: 'an MTU is at most 65535' }));

export const labels = z.record(z.string(), z.string());

/** The labels that a Service selects by. Deployments and policies write theirs otherwise, and people mix them up. */
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
