import { type IpAddress, parseAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import { PROTOCOLS } from '../net/packet.ts';
import { looksLikeIpv6, readIpv6 } from './ipv6-place.ts';
import { badPort, fail, type Parsed, readPort } from './result.ts';
import { type WorkloadKind, workloadKind } from './workload.ts';

/**
 * A place as a person writes it: `[CONTAINER@][NAMESPACE/][KIND/]NAME[:PORT][/PROTOCOL]`, or an address in place of the name. An IPv6
 * address stands in brackets where a port follows, and may without one.
 */
export interface PlaceName {
  readonly text: string;
  readonly kind: Kind | WorkloadKind | null;
  readonly namespace: string | null;
  readonly name: string;
  readonly container: string | null;
  readonly address: IpAddress | null;
  readonly port: number | string | null;
  readonly protocol: Protocol | null;
}

export type Kind = 'pod' | 'service' | 'node';

/** kubectl's names of kinds: singular, plural and short. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['pod', 'pod'],
  ['pods', 'pod'],
  ['po', 'pod'],
  ['service', 'service'],
  ['services', 'service'],
  ['svc', 'service'],
  ['node', 'node'],
  ['nodes', 'node'],
  ['no', 'node'],
]);

/** Kinds that kubectl has, and that are neither end of a packet: said so, instead of looking for a namespace of that name. */
const NO_END = ['ingress', 'ingresses', 'ing', 'namespace', 'ns', 'networkpolicy', 'netpol', 'endpoints', 'ep', 'configmap', 'cm'];

/** A namespace may have such a name: `ingress/controller` is a pod there, if there is one. */
export const isNoEnd = (word: string): boolean => NO_END.includes(word.toLowerCase());

/** Most names are one DNS label that is no number. */
const BARE = /^[a-z][-a-z0-9]*$/;

/** Reads a place; the text is what errors are about. */
export function parsePlace(text: string): Parsed<PlaceName> {
  if (BARE.test(text))
    return {
      ok: true,
      value: { text, kind: null, namespace: null, name: text, address: null, port: null, container: null, protocol: null },
    };
  if (/^[a-z]+:\/\//i.test(text)) return fail(`${text}: a URL can only be a destination`);
  const { rest, protocol } = cutProtocol(text);
  const at = rest.indexOf('@');
  const container = at === -1 ? null : rest.slice(0, at);
  const place = rest.slice(at + 1);
  const read = looksLikeIpv6(place) ? readIpv6(text, place) : readName(text, place);
  if (!read.ok) return read;
  if (container === '') return notAName(text);
  return { ok: true, value: { text, ...read.value, container, protocol } };
}

const notAName = (text: string) =>
  fail(`${JSON.stringify(text)} is not a name`, 'write NAME, NAMESPACE/NAME, KIND/NAME or NAMESPACE/KIND/NAME');

function readName(text: string, place: string): Parsed<Omit<PlaceName, 'text' | 'container' | 'protocol'>> {
  const colon = place.lastIndexOf(':');
  const parts = (colon === -1 ? place : place.slice(0, colon)).split('/');
  const port = colon === -1 ? null : readPort(place.slice(colon + 1));
  if (port === undefined) return badPort(text);
  if (parts.some((p) => p === '' || p.includes(':')) || parts.length > 3) return notAName(text);
  if (parts.length === 1 && /^[\d.]+$/.test(parts[0] ?? '') && parseAddress(parts[0] ?? '') === null)
    return fail(`${parts[0]} is not an IPv4 address`, 'four numbers from 0 to 255, as 10.244.1.10');
  const named = readPath(parts);
  if (!named.ok) return named;
  const address = parts.length === 1 ? parseAddress(named.value.name) : null;
  return { ok: true, value: { ...named.value, address, port } };
}

function cutProtocol(text: string): { readonly rest: string; readonly protocol: Protocol | null } {
  const slash = text.lastIndexOf('/');
  const last = text.slice(slash + 1).toLowerCase();
  const protocol = PROTOCOLS.find((p) => p === last);
  const afterPort = text.slice(0, slash).includes(':') || parseAddress(text.slice(0, slash)) !== null;
  return protocol === undefined || slash === -1 || !afterPort ? { rest: text, protocol: null } : { rest: text.slice(0, slash), protocol };
}

type Path = Pick<PlaceName, 'kind' | 'namespace' | 'name'>;

/** `a/b` is KIND/NAME when `a` is a kind, else NAMESPACE/NAME. */
function readPath(parts: readonly string[]): Parsed<Path> {
  const [a = '', b = '', c] = parts;
  if (parts.length === 1) return { ok: true, value: { kind: null, namespace: null, name: a } };
  const kindText = c === undefined ? a : b;
  const kind = KINDS.get(kindText.toLowerCase()) ?? workloadKind(kindText) ?? undefined;
  if (c !== undefined)
    return kind === undefined
      ? fail(`${JSON.stringify(kindText)} is not a kind`, 'kinds are pod, svc, node, and deploy, sts, ds, rs, job and cj')
      : { ok: true, value: { kind, namespace: a, name: c } };
  return kind === undefined
    ? { ok: true, value: { kind: null, namespace: a, name: b } }
    : { ok: true, value: { kind, namespace: null, name: b } };
}
