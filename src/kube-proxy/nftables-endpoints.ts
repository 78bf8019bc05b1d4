import type { Match } from '../datapath/netfilter/match.ts';
import { nftRule } from '../datapath/netfilter/nft-table.ts';
import { type Chain, plainChain, type Rule } from '../datapath/netfilter/ruleset.ts';
import { type NamedSet, namedSet, verdictMap } from '../datapath/netfilter/sets.ts';
import type { Endpoint } from '../k8s/service.ts';
import { hostPrefix } from '../net/prefix.ts';
import { declared } from '../source/origin.ts';
import { endpointName } from './nftables-names.ts';
import { goto, jump, pathOf, WORDS } from './nftables-port.ts';
import type { PortContext } from './port.ts';

/** An endpoint of a port in nftables' words. */
export interface EndpointParts {
  readonly endpoint: Endpoint;
  readonly chain: Chain;
  /** The clients that go back to it; null: without session affinity. */
  readonly clients: NamedSet | null;
}

/** Source of all: writeServiceToEndpointRules and what is before it, pkg/proxy/nftables/proxier.go. */
export function endpointParts(c: PortContext, endpoint: Endpoint): EndpointParts {
  const { source, address } = WORDS[c.config.family];
  const timeout = c.service.sessionAffinityTimeoutSeconds;
  const name = endpointName('affinity', pathOf(c), endpoint);
  const clients = timeout === null ? null : namedSet({ name, type: [address], flags: ['dynamic', 'timeout'], timeout, elements: [] });
  const origin = declared(endpoint.locus);
  const itself: Match = { kind: 'source', prefix: hostPrefix(endpoint.ip), negated: false };
  const protocol: Match = { kind: 'protocol', protocol: c.port.protocol, negated: false };
  const rules = [
    // An endpoint that calls itself is masqueraded, or its answer would never come back here (hairpin).
    nftRule([itself], jump('mark-for-masquerade'), origin),
    ...(clients === null ? [] : [nftRule([{ kind: 'update', key: [source], set: clients }], null, origin)]),
    nftRule([protocol], { kind: 'DNAT', address: endpoint.ip, port: endpoint.port }, origin),
  ];
  return { endpoint, clients, chain: plainChain(endpointName('endpoint', pathOf(c), endpoint), rules) };
}

/** The tail of `service-` and `local-`: a client that was there lately goes back; else one of them, each as likely as another. */
export function balanced(c: PortContext, endpoints: readonly EndpointParts[]): readonly Rule[] {
  const { source } = WORDS[c.config.family];
  const known = endpoints.flatMap(({ endpoint, chain, clients: set }) =>
    set === null ? [] : [nftRule([{ kind: 'lookup', key: [source], set, negated: false }], goto(chain.name), declared(endpoint.locus))],
  );
  const elements = endpoints.map(({ endpoint, chain }, i) => ({
    key: [i],
    verdict: goto(chain.name),
    comment: null,
    origin: declared(endpoint.locus),
  }));
  const map = verdictMap({ name: null, type: ['integer'], elements });
  return [...known, nftRule([], { kind: 'numgen', modulus: endpoints.length, map }, c.origin)];
}
