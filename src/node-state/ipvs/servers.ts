import type { Chain, Rule, VirtualServers } from '../../datapath/netfilter/ruleset.ts';
import type { Served } from '../../datapath/netfilter/virtual-server.ts';

/**
 * A table of virtual servers, which a packet finds in the order of ip_vs_service_find: by its mark, by its address and port, by its address
 * alone.
 */
export function foundServers(
  all: readonly { readonly served: Served; readonly rule: Rule }[],
  destinations: readonly Chain[],
  untold: readonly Rule[],
): VirtualServers {
  const chains = new Map(destinations.map((chain) => [chain.name, chain]));
  const marked: Rule[] = [...untold];
  const byAddress = new Map<string, Rule[]>();
  for (const { served, rule } of all) {
    if (served.kind === 'mark') {
      marked.push(rule);
      continue;
    }
    const key = `${served.protocol} ${served.address} ${served.port}`;
    byAddress.set(key, [...(byAddress.get(key) ?? []), rule]);
  }
  const rules = [...marked, ...all.flatMap((a) => (a.served.kind === 'mark' ? [] : [a.rule]))];
  return {
    name: 'ipvs',
    chain: (name) => chains.get(name),
    chains: () => chains.values(),
    servers: {
      name: 'virtual servers',
      rules: () => rules,
      candidates: ({ protocol, destination, destinationPort }) => [
        ...marked,
        ...(byAddress.get(`${protocol} ${destination} ${destinationPort}`) ?? []),
        ...(byAddress.get(`${protocol} ${destination} 0`) ?? []),
      ],
    },
  };
}
