import type { FoundState } from './datapath/found-state.ts';
import { printPart } from './datapath/netfilter/nft-set.ts';
import type { Rule } from './datapath/netfilter/ruleset.ts';
import type { VerdictMap } from './datapath/netfilter/sets.ts';
import type { Network } from './k8s/compiled-network.ts';
import { FAMILIES, formatEndpoint } from './net/address.ts';
import { isHostPrefix } from './net/prefix.ts';
import type { Request } from './query/question.ts';

/** To read so much takes several times as long as a walk does, however cold. */
const LARGE = 5_000;

/**
 * The first packet through a node waits for its namespace, for the indices of its chains and maps, and for V8, which compiles what runs for the
 * first time: together ten times a walk. Where reading a node took long anyway, it ends with a packet to one of its services.
 */
export function walkFirst(network: Network, ask: (request: Request) => { readonly ok: boolean }): void {
  const { nodes, podsByNode } = network.cluster;
  for (const { name, found } of nodes.values()) {
    if (found === null || sizeOf(found) < LARGE) continue;
    const destination = serviceIn(found);
    if (destination === null) continue;
    const [pod, other] = (podsByNode.get(name) ?? []).map((p) => `${p.namespace}/${p.name}`);
    const sources = [...(pod === undefined ? [] : [pod]), STRANGER, `node/${name}`];
    for (const source of sources) if (ask({ source, destination }).ok) break;
    // The service may be one that nobody answers.
    if (pod !== undefined && other !== undefined) ask({ source: pod, destination: other, port: 80 });
  }
}

/** Of the range for documentation (RFC 5737). */
const STRANGER = '198.51.100.1';

/** Rules of iptables, and chains of nft, whose rules are not made yet. */
function sizeOf({ iptables, nft }: FoundState): number {
  let size = 0;
  for (const { chains } of FAMILIES.flatMap((family) => [...iptables[family].values()]))
    for (const rules of chains.values()) size += rules.length;
  for (const table of nft ?? []) size += [...table.chains()].length;
  return size;
}

/** The address and the port of a service, as a rule or a map has them. */
function serviceIn({ iptables, nft }: FoundState): string | null {
  for (const family of FAMILIES)
    for (const rules of iptables[family].get('nat')?.chains.values() ?? []) {
      const service = serviceAmong(rules);
      if (service !== null) return service;
    }
  for (const { sets, chains } of nft ?? []) {
    const [service] = sets.flatMap((set) => (set.kind === 'map' ? (firstOf(set) ?? []) : []));
    if (service !== undefined) return service;
    for (const chain of [...chains()].slice(0, FEW)) {
      const service = serviceAmong(chain.rules());
      if (service !== null) return service;
    }
  }
  return null;
}

/** Of iptables-nft, which lists its own chains first; rules of others are not made in vain. */
const FEW = 50;

function serviceAmong(rules: readonly Rule[]): string | null {
  for (const rule of rules) {
    const service = serviceOf(rule);
    if (service !== null) return service;
  }
  return null;
}

function serviceOf({ matches, target }: Rule): string | null {
  if (target?.kind !== 'jump') return null;
  const to = matches.find((m) => m.kind === 'destination');
  const port = matches.find((m) => m.kind === 'dport');
  if (to?.kind !== 'destination' || to.negated || !isHostPrefix(to.prefix) || port?.kind !== 'dport') return null;
  return formatEndpoint(to.prefix.address, port.first);
}

function firstOf({ type, elements }: VerdictMap): string | null {
  for (const { key } of elements()) {
    const words = key.map((part, i) => printPart(part, type[i] ?? 'integer'));
    const [address, port] = [type.findIndex((t) => t === 'ipv4_addr' || t === 'ipv6_addr'), type.indexOf('inet_service')].map(
      (i) => words[i],
    );
    if (address === undefined || port === undefined) return null;
    return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  }
  return null;
}
