import { type IpAddress, parseAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import { PROTOCOLS } from '../net/packet.ts';

/** A place as a person writes it: `[CONTAINER@][NAMESPACE/][KIND/]NAME[:PORT][/PROTOCOL]`, or an address in place of the name. */
export interface PlaceName {
  readonly text: string;
  readonly kind: Kind | null;
  readonly namespace: string | null;
  readonly name: string;
  readonly container: string | null;
  readonly address: IpAddress | null;
  readonly port: number | string | null;
  readonly protocol: Protocol | null;
}

export type Kind = 'pod' | 'service' | 'node';

/** kubectl's names of kinds: singular, plural and short. */
const KINDS: Readonly<Record<string, Kind>> = {
  pod: 'pod',
  pods: 'pod',
  po: 'pod',
  service: 'service',
  services: 'service',
  svc: 'service',
  node: 'node',
  nodes: 'node',
  no: 'node',
};

/** Kinds that kubectl has and traces will know later: said so, instead of looking for a namespace of that name. */
const LATER = [
  'deployment',
  'deployments',
  'deploy',
  'statefulset',
  'statefulsets',
  'sts',
  'daemonset',
  'daemonsets',
  'ds',
  'replicaset',
  'rs',
  'ingress',
  'ing',
  'job',
  'cronjob',
];

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly hint: string | null };

const bad = (message: string, hint: string | null = null) => ({ ok: false, message, hint }) as const;

export function parsePlace(text: string): Parsed<PlaceName> {
  if (/^[a-z]+:\/\//i.test(text)) return bad(`${text}: a URL can only be a destination`);
  const { rest: withPort, protocol } = cutProtocol(text);
  const colon = parseAddress(withPort) === null && !withPort.endsWith(']') ? withPort.lastIndexOf(':') : -1;
  const path = unbracketed(colon === -1 ? withPort : withPort.slice(0, colon));
  const port = colon === -1 ? null : readPort(withPort.slice(colon + 1));
  if (port === undefined) return bad(`${text}: after the colon comes a port, by number (1 to 65535) or by name`);
  const at = path.indexOf('@');
  const container = at === -1 ? null : path.slice(0, at);
  const parts = path.slice(at + 1).split('/');
  if (container === '' || parts.some((p) => p === '') || parts.length > 3)
    return bad(`${JSON.stringify(text)} is not a name`, 'write NAME, NAMESPACE/NAME, KIND/NAME or NAMESPACE/KIND/NAME');
  if (parts.length === 1 && /^[\d.]+$/.test(parts[0] ?? '') && parseAddress(parts[0] ?? '') === null)
    return bad(`${parts[0]} is not an IPv4 address`, 'four numbers from 0 to 255, as 10.244.1.10');
  const named = readPath(parts);
  if (!named.ok) return named;
  const address = parts.length === 1 ? parseAddress(named.value.name) : null;
  return { ok: true, value: { text, ...named.value, container, address, port, protocol } };
}

/** `[fd00::1]`: what stands between brackets, where it is an address. */
function unbracketed(text: string): string {
  const inner = /^\[(.*)\]$/.exec(text)?.[1];
  return inner !== undefined && parseAddress(inner) !== null ? inner : text;
}

function cutProtocol(text: string): { readonly rest: string; readonly protocol: Protocol | null } {
  const slash = text.lastIndexOf('/');
  const last = text.slice(slash + 1).toLowerCase();
  const protocol = PROTOCOLS.find((p) => p === last);
  const afterPort = text.slice(0, slash).includes(':') || parseAddress(text.slice(0, slash)) !== null;
  return protocol === undefined || slash === -1 || !afterPort ? { rest: text, protocol: null } : { rest: text.slice(0, slash), protocol };
}

function readPort(text: string): number | string | undefined {
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= 65535 ? Number(text) : undefined;
  return /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text) ? text : undefined;
}

type Path = Pick<PlaceName, 'kind' | 'namespace' | 'name'>;

/** `a/b` is KIND/NAME when `a` is a kind, else NAMESPACE/NAME. */
function readPath(parts: readonly string[]): Parsed<Path> {
  const [a = '', b = '', c] = parts;
  if (parts.length === 1) return { ok: true, value: { kind: null, namespace: null, name: a } };
  const kindText = c === undefined ? a : b;
  if (LATER.includes(kindText.toLowerCase())) return bad(`${kindText} is not supported yet`, 'name a pod, a service or a node');
  const kind = KINDS[kindText.toLowerCase()];
  if (c !== undefined)
    return kind === undefined
      ? bad(`${JSON.stringify(kindText)} is not a kind`, 'kinds are pod, svc and node')
      : { ok: true, value: { kind, namespace: a, name: c } };
  return kind === undefined
    ? { ok: true, value: { kind: null, namespace: a, name: b } }
    : { ok: true, value: { kind, namespace: null, name: b } };
}
