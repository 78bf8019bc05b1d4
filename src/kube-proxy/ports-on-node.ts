import type { Chain } from '../datapath/netfilter/ruleset.ts';
import { dependsOnNode } from '../k8s/endpoints.ts';
import { nodeIp } from '../k8s/families.ts';
import { zoneOf } from '../k8s/node.ts';
import type { ServicePort } from '../k8s/service.ts';
import type { IpFamily } from '../net/address.ts';
import { localDetector } from './detect-local.ts';
import type { ProxiedCluster, ProxiedNode } from './mode.ts';
import { type PortContext, type ProxierConfig, portContext } from './port.ts';
import type { IndexedPort, PortIndex } from './port-index.ts';

/** What a mode makes of a service port. */
interface MadeOfPort {
  /** Its own, and its endpoints'. */
  readonly chains: readonly Chain[];
}

/** A node's service ports, as a mode has them. */
export interface PortsOnNode<R> {
  readonly rulesOf: (port: IndexedPort) => R;
  /** A chain of a port that was made already. */
  readonly chain: (name: string) => Chain | undefined;
}

/**
 * What is the same on every node is made once; a node's own are the ports whose policy, hints or source ranges make them so, and all where
 * kube-proxy asks for the node's pod range. A port is made when it is first asked for.
 */
export function portsOnNodes<R extends MadeOfPort>(
  { all }: PortIndex,
  { kubeProxy: { detectLocal, masqueradeAll } }: ProxiedCluster,
  family: IpFamily,
  make: (context: PortContext) => R,
): (node: ProxiedNode) => PortsOnNode<R> {
  const common = store(make);
  const varies = new Set(all.filter(({ service, port }) => dependsOnNode(service, port, family)).map((p) => p.port));
  return (node) => {
    const own = store(make);
    const here = { name: node.name, zone: zoneOf(node) };
    const isLocal = localDetector(detectLocal, node, family);
    const config: ProxierConfig = { family, here, nodeIp: nodeIp(node, family), isLocal, masqueradeAll };
    return {
      rulesOf: (p) => (detectLocal.mode === 'NodeCIDR' || varies.has(p.port) ? own : common).rulesOf(p, config),
      chain: (name) => own.chains.get(name) ?? common.chains.get(name),
    };
  };
}

/** What was made, and its chains by name. */
function store<R extends MadeOfPort>(make: (context: PortContext) => R) {
  const made = new Map<ServicePort, R>();
  const chains = new Map<string, Chain>();
  return {
    chains,
    rulesOf({ service, port, clusterIp }: IndexedPort, config: ProxierConfig): R {
      const known = made.get(port);
      if (known !== undefined) return known;
      const rules = make(portContext(service, port, clusterIp, config));
      made.set(port, rules);
      for (const chain of rules.chains) chains.set(chain.name, chain);
      return rules;
    },
  };
}
