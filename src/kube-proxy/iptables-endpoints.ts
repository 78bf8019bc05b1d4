import type { Match } from '../datapath/netfilter/match.ts';
import { type Chain, plainChain, type Rule } from '../datapath/netfilter/ruleset.ts';
import { endpointName } from '../k8s/endpoints.ts';
import type { Endpoint, ServicePort } from '../k8s/service.ts';
import { familyOf, type IpAddress } from '../net/address.ts';
import { DEFAULT_PREFIX, hostPrefix, lastAddress } from '../net/prefix.ts';
import { declared } from '../source/origin.ts';
import { endpointChain } from './names.ts';

const chainOf = (name: string, port: ServicePort, e: Endpoint) => endpointChain(name, port.protocol, endpointName(e));

const wholeAddress = (a: IpAddress): IpAddress => lastAddress(DEFAULT_PREFIX[familyOf(a)]);

/**
 * The tail of KUBE-SVC and KUBE-SVL: a client that was there lately goes back; then one endpoint of those left, each as likely as another.
 */
export function balanced(name: string, port: ServicePort, endpoints: readonly Endpoint[], affinity: number | null): readonly Rule[] {
  const towards = (e: Endpoint, matches: readonly Match[]): Rule => ({
    matches,
    target: { kind: 'jump', chain: chainOf(name, port, e) },
    comment: `${name} -> ${endpointName(e)}`,
    origin: declared(e.locus),
  });
  const known =
    affinity === null
      ? []
      : endpoints.map((e) =>
          towards(e, [{ kind: 'recent', action: 'rcheck', list: chainOf(name, port, e), seconds: affinity, mask: wholeAddress(e.ip) }]),
        );
  const chosen = endpoints.map((e, i) => {
    const left = endpoints.length - i;
    return towards(e, left === 1 ? [] : [{ kind: 'statistic', probability: 1 / left }]);
  });
  return [...known, ...chosen];
}

/** KUBE-SEP: an endpoint that calls itself is masqueraded, or its answer would never come back here (hairpin). */
export function endpointRules(name: string, port: ServicePort, e: Endpoint, affinity: number | null): Chain {
  const origin = declared(e.locus);
  const chain = chainOf(name, port, e);
  const itself: Match = { kind: 'source', prefix: hostPrefix(e.ip), negated: false };
  const remembered: readonly Match[] = affinity === null ? [] : [{ kind: 'recent', action: 'set', list: chain, mask: wholeAddress(e.ip) }];
  const protocol: Match = { kind: 'protocol', protocol: port.protocol, negated: false };
  return plainChain(chain, [
    { matches: [itself], target: { kind: 'jump', chain: 'KUBE-MARK-MASQ' }, comment: name, origin },
    { matches: [protocol, ...remembered], target: { kind: 'DNAT', address: e.ip, port: e.port }, comment: name, origin },
  ]);
}
