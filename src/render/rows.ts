import type { HopDocument, WalkDocument } from '../document/trace-schema.ts';
import { safe, withPort } from './text.ts';

/** One line of a table or a trace: a hop that is worth a person's while. */
export interface Row {
  readonly hop: HopDocument;
  readonly step: string;
  /** Where, within its node: `pod-a eth0`, `cni0`, or `host` where no device is meant. */
  readonly where: string;
  readonly text: string;
  /** `outer packet`: it is about the packet that carries this one through a tunnel. */
  readonly about: string | null;
  /** How the header looks now: at the start of a walk, and wherever it has changed. */
  readonly header: string | null;
}

const STEPS: Readonly<Record<HopDocument['kind'], string>> = {
  dns: 'dns',
  socket: 'socket',
  interface: 'device',
  bridge: 'bridge',
  route: 'route',
  filter: 'filter',
  nat: 'nat',
  gateway: 'gateway',
  firewall: 'firewall',
  'load-balancer': 'balancer',
  neighbour: 'arp',
  underlay: 'network',
  encap: 'encap',
  decap: 'decap',
  policy: 'policy',
  skip: 'skip',
  proxy: 'proxy',
  ipc: 'ipc',
  volume: 'volume',
  drop: 'drop',
};

/** A pruning of the walk: without `verbose`, what only confirms the obvious is left out. `namespace`: of pods that are named without one. */
export function rowsOf(walk: WalkDocument, verbose: boolean, namespace = 'default'): readonly Row[] {
  const shown = new Set<string>();
  const isNews = (hop: HopDocument) => {
    if (hop.kind !== 'skip' || hop.mechanism === 'policy') return true;
    return !shown.has(hop.mechanism) && shown.add(hop.mechanism) !== undefined;
  };
  return walk.hops
    .filter((hop) => verbose || (isTelling(hop) && isNews(hop)))
    .map((hop) => ({
      hop,
      step: stepOf(hop),
      where: whereOf(hop, namespace),
      text: safe(hop.text),
      about: hop.about === undefined ? null : 'outer packet',
      header: headerOf(hop),
    }));
}

/** The lines below a hop: the steps of a look-up always, rules on demand. */
export function detailsOf(hop: HopDocument, verbose: boolean): readonly string[] {
  if (hop.kind === 'dns') return verbose || hop.steps.length > 1 ? hop.steps.map((s) => safe(s.text)) : [];
  if (!verbose) return [];
  return hop.kind === 'policy' ? candidateTexts(hop) : ruleTexts(hop);
}

/** The rules that might have let the packet through, and what about each did not fit. */
const candidateTexts = ({ direction, candidates }: Extract<HopDocument, { kind: 'policy' }>): readonly string[] =>
  candidates.map(({ kind, namespace, name, rule, text }) =>
    safe(`- ${kind} ${namespace === null ? '' : `${namespace}/`}${name} ${direction}[${rule}]: ${text}`),
  );

/** The rules that matched, and those that were looked at and did not, with the condition that failed. */
function ruleTexts(hop: HopDocument): readonly string[] {
  if (!isRuled(hop)) return [];
  const matched = hop.rules.map((r) => `+ ${r.chain}: ${r.rule}`);
  const missed = hop.lookedAt.map(
    (r) => `- ${r.chain}: ${r.rule} [not: ${r.failed}]${r.run === undefined ? '' : `, and ${r.run - 1} more that take a share`}`,
  );
  return [...matched, ...missed].map(safe);
}

const RULED = ['filter', 'nat', 'skip', 'gateway', 'firewall', 'load-balancer'] as const;
type Ruled = Extract<HopDocument, { kind: (typeof RULED)[number] }>;
const isRuled = (hop: HopDocument): hop is Ruled => RULED.some((kind) => kind === hop.kind);

function isTelling(hop: HopDocument): boolean {
  switch (hop.kind) {
    case 'neighbour':
      return false;
    case 'filter':
      return hop.verdict !== 'ACCEPT';
    case 'firewall':
      return hop.verdict !== 'ACCEPT' || hop.decisions.length > 0;
    case 'route':
      return hop.type !== 'local';
    case 'policy':
      return hop.verdict !== 'none';
    case 'skip':
      return hop.mechanism !== 'dnat' && hop.policy?.why !== 'known-connection';
    default:
      return true;
  }
}

/** Does the packet end here? */
export const isRefusal = (hop: HopDocument): boolean => hop.kind === 'drop' || (hop.kind === 'policy' && hop.verdict === 'deny');

function stepOf(hop: HopDocument): string {
  if (hop.kind === 'interface') return hop.direction;
  // Where nobody knows what becomes of the packet, it is not said to be dropped.
  if (hop.kind === 'drop' && hop.code === 'FACT_MISSING') return 'unknown';
  if (hop.kind === 'neighbour' && hop.address.includes(':')) return 'ndp';
  return STEPS[hop.kind];
}

function whereOf({ netns, node, device, kind }: HopDocument, namespace: string): string {
  const space = netns === node ? '' : safe(netns.startsWith(`${namespace}/`) ? netns.slice(namespace.length + 1) : netns);
  const shown = kind === 'socket' || kind === 'proxy' ? null : device;
  return [space, shown === null ? '' : safe(shown)].filter((s) => s !== '').join(' ') || (kind === 'underlay' ? '' : 'host');
}

/** `10.0.0.1:40000 > 10.0.0.2:80` */
export function flowText({
  source,
  sourcePort,
  destination,
  destinationPort,
}: {
  source: string;
  sourcePort: number | null;
  destination: string;
  destinationPort: number | null;
}): string {
  return `${withPort(source, sourcePort)} > ${withPort(destination, destinationPort)}`;
}

/** `192.168.1.11:* > 192.168.1.12:8472`: the source port is any; IPIP has no ports. */
function outerFlow({ protocol, source, destination, destinationPort }: OuterDocument): string {
  return `${withPort(source, protocol === 'udp' ? '*' : null)} > ${withPort(destination, destinationPort)}`;
}

/** The header that a capture on the device shows: in a tunnel that of the packet which carries this one. */
export const crossingText = ({ packet }: HopDocument): string => (packet.outer === null ? flowText(packet) : outerFlow(packet.outer));

type OuterDocument = NonNullable<HopDocument['packet']['outer']>;

function headerOf(hop: HopDocument): string | null {
  const { packet, changes } = hop;
  const { outer } = packet;
  if (outer !== null && hop.kind === 'encap') return `${outerFlow(outer)}, ttl ${outer.ttl}, ${outer.size} bytes`;
  if (outer !== null && hop.kind === 'interface') return outerFlow(outer);
  if (hop.kind === 'socket' && hop.action === 'send')
    return `${flowText(packet)}, ttl ${packet.ttl}${packet.size > 100 ? `, ${packet.size} bytes` : ''}`;
  if (changes.length === 0) return null;
  if (changes.every((c) => c.field === 'ttl')) return `ttl ${packet.ttl}`;
  if (outer !== null && changes.every((c) => c.field === 'outer.ttl')) return `outer ttl ${outer.ttl}`;
  return ['source', 'destination'].flatMap((end) => changed(packet, changes, end as 'source' | 'destination')).join(', ');
}

/** `destination 10.96.0.10:80 -> 10.244.1.11:8080`; for what an ICMP error quotes, the same within brackets. */
function changed(packet: HopDocument['packet'], changes: HopDocument['changes'], end: 'source' | 'destination'): readonly string[] {
  const whole = (fields: 'from' | 'to', prefix: string, now: { readonly address: string; readonly port: number | null }) => {
    const address = changes.find((c) => c.field === `${prefix}${end}`)?.[fields] ?? now.address;
    const port = changes.find((c) => c.field === `${prefix}${end}Port`)?.[fields] ?? now.port;
    return withPort(String(address), port);
  };
  const one = (prefix: string, header: Pick<HopDocument['packet'], 'source' | 'sourcePort' | 'destination' | 'destinationPort'> | null) => {
    if (header === null || !changes.some((c) => c.field.startsWith(`${prefix}${end}`))) return [];
    const now = { address: header[end], port: end === 'source' ? header.sourcePort : header.destinationPort };
    return [`${end} ${whole('from', prefix, now)} -> ${whole('to', prefix, now)}`];
  };
  return [
    ...one('', packet),
    ...one('outer.', packet.outer).map((text) => `outer ${text}`),
    ...one('icmp.original.', packet.icmp?.original ?? null).map((text) => `(quoted ${text})`),
  ];
}
