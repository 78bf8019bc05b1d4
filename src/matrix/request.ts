import type { Cluster } from '../k8s/cluster.ts';
import { isThere } from '../k8s/pod.ts';
import type { IpFamily } from '../net/address.ts';
import { PROTOCOLS, type Protocol } from '../net/packet.ts';
import { fail, type Parsed, readPort } from '../query/result.ts';
import { didYouMean } from '../source/suggest.ts';
import { gather } from './groups.ts';
import { hasCalls } from './not-asked.ts';
import { outsideParts } from './outside.ts';
import type { AskedPort, MatrixQuestion } from './question.ts';
import { cidrsIn, type Place, select } from './select.ts';

/** A matrix as it is asked for, names and all. */
export interface MatrixRequest {
  /** Empty: workloads, nodes and the internet. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Of names that have none. */
  readonly namespace: string;
  /** It was asked for: then workloads, services and labels are those of this namespace. Left out, of all. */
  readonly isWithin: boolean;
  /** `80`, `53/udp`, `http`, `icmp`; empty: what is stated. */
  readonly ports: readonly string[];
  readonly protocol: Protocol | null;
  /** Null: each that both ends have. */
  readonly family: IpFamily | null;
  readonly pods: boolean;
  readonly anyPort: boolean;
  readonly blocked: boolean;
}

const USUAL = ['workloads', 'nodes', 'internet'];

/** Words into who is asked about, and what. `beside`: clusters that this one is compared with: what is outside is cut alike. */
export function resolveMatrix(cluster: Cluster, request: MatrixRequest, beside: readonly Cluster[] = []): Parsed<MatrixQuestion> {
  const ports = readPorts(cluster, request);
  if (!ports.ok) return ports;
  const families = request.family === null ? cluster.families : [request.family];
  const further = cidrsIn([...request.from, ...request.to]);
  const place: Place = {
    cluster,
    namespace: request.namespace,
    within: request.isWithin ? request.namespace : null,
    parts: families.flatMap((family) => outsideParts(cluster, family, further, beside)),
  };
  const from = select(place, request.from.length === 0 ? USUAL : request.from, 'source', request.from.length === 0);
  if (!from.ok) return from;
  const to = select(place, request.to.length === 0 ? USUAL : request.to, 'either', request.to.length === 0);
  if (!to.ok) return to;
  const asked = {
    families,
    ports: ports.value,
    protocol: request.protocol,
    anyPort: request.anyPort,
    blocked: request.blocked,
  };
  // Nodes that lead to nothing are columns only where somebody wants them.
  const called = to.value.filter((one) => one.kind !== 'node' || request.to.length > 0 || request.anyPort || hasCalls(cluster, asked, one));
  return { ok: true, value: { ...gather(from.value, called, request.pods), ...asked } };
}

function readPorts(cluster: Cluster, { ports, protocol, anyPort }: MatrixRequest): Parsed<readonly AskedPort[] | null> {
  if (ports.length === 0) return { ok: true, value: null };
  if (anyPort) return fail('--any-port asks all ports, and -p names some', 'leave one of them out');
  const asked: AskedPort[] = [];
  for (const text of ports.flatMap((p) => p.split(','))) {
    const one = readAskedPort(text.trim(), protocol);
    if (!one.ok) return one;
    const unknown = unknownName(cluster, one.value);
    if (unknown !== null) return unknown;
    asked.push(one.value);
  }
  return { ok: true, value: asked };
}

function readAskedPort(text: string, otherwise: Protocol | null): Parsed<AskedPort> {
  const [port = '', named, more] = text.split('/');
  const protocol = named === undefined ? undefined : PROTOCOLS.find((p) => p === named.toLowerCase());
  if (more !== undefined || (named !== undefined && protocol === undefined))
    return fail(`-p ${text}: the protocol is tcp, udp, sctp or icmp`, didYouMean(named ?? '', PROTOCOLS) ?? 'as -p 53/udp');
  if (port.toLowerCase() === 'icmp' && named === undefined) return { ok: true, value: { protocol: 'icmp', port: null } };
  const given = protocol ?? otherwise ?? 'tcp';
  if (given === 'icmp') return fail(`-p ${text}: ICMP has no ports`, 'write -p icmp');
  if (protocol !== undefined && otherwise !== null && protocol !== otherwise)
    return fail(`-p ${text} names ${protocol}, but --protocol is ${otherwise}`, 'name the protocol once');
  const number = /^\d+-\d+$/.test(port) ? undefined : readPort(port);
  if (number === undefined)
    return fail(`-p ${text}: a port is a number (1 to 65535) or a name, or icmp`, 'all ports, as ranges: --any-port');
  return { ok: true, value: { protocol: given, port: number } };
}

/** A name that nobody's port has. */
function unknownName(cluster: Cluster, { port, protocol }: AskedPort) {
  if (typeof port !== 'string') return null;
  const stated = [
    ...[...cluster.pods.values()].filter(isThere).flatMap((p) => p.containers.flatMap((c) => c.ports)),
    ...[...cluster.services.values()].flatMap((s) => s.ports),
  ];
  const named = stated.filter((p) => p.name === port);
  if (named.some((p) => p.protocol === protocol)) return null;
  const [other] = named;
  if (other !== undefined) return fail(`-p ${port}: the ports of this name are ${other.protocol}`, `write -p ${port}/${other.protocol}`);
  const names = new Set(stated.flatMap((p) => p.name ?? []).filter((name) => name !== ''));
  return fail(
    `-p ${port}: no container and no service has a port of this name`,
    didYouMean(port, names) ?? 'a port may be named by its number',
  );
}
