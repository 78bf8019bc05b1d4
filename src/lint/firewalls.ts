import type { Node } from '../k8s/cluster.ts';
import { firewallRuleText, isInRule } from '../k8s/firewall.ts';
import type { Firewall, FirewallRule, InternetGateway } from '../k8s/network.ts';
import type { ServicePort } from '../k8s/service.ts';
import { formatAddress } from '../net/address.ts';
import { formatPrefix, hostPrefix, isHostPrefix } from '../net/prefix.ts';
import { at, declared, type Origin } from '../source/origin.ts';
import { type Lint, some } from './lint.ts';

/** What a firewall lets pass, or keeps out, otherwise than its author seems to mean. */
export const firewalls: Lint = (cluster, datapath, tell) => {
  natAddresses(cluster, datapath, tell);
  nodePorts(cluster, datapath, tell);
};

/**
 * Rules at the edge for a public address of the gateway's NAT. What comes in for it has the private one by then, and what comes from
 * inside is for the gateway itself, so neither is asked about.
 */
const natAddresses: Lint = ({ gateway }, _datapath, tell) => {
  for (const { to, origin } of gateway?.firewall?.rules ?? []) {
    if (gateway === null || !isHostPrefix(to) || origin.locus === null) continue;
    const address = formatAddress(to.address);
    const entry = gateway.nat.find((n) => n.public === to.address);
    if (entry !== undefined) {
      const inside = formatAddress(entry.private);
      const message = `the rule is never met: ${address} has become ${inside} when the gateway asks its firewall${placeOf(declared(entry.locus))}`;
      tell(
        at(origin.locus, 'to'),
        'firewall-rule-for-nat-address',
        message,
        `to: ${formatPrefix(hostPrefix(entry.private))}, if that is who is meant`,
      );
    } else if (gateway.publicIp?.ip === to.address) {
      const message = `the rule is never met: ${address} is an address of the gateway itself, and the firewall is asked only about what is handed on`;
      tell(at(origin.locus, 'to'), 'firewall-rule-for-nat-address', message, 'name an address inside, or leave the rule out');
    }
  }
};

/** Node ports that the firewall at the edge keeps from everybody outside. The gateway asks it when it has translated to the node's address. */
const nodePorts: Lint = (cluster, _datapath, tell) => {
  const { gateway } = cluster;
  if (gateway === null || gateway.firewall === null) return;
  const nodes = publicNodes([...cluster.nodes.values()], gateway);
  if (nodes.length === 0) return;
  for (const service of cluster.services.values()) {
    // A load balancer's node ports are for the load balancer.
    if (service.type !== 'NodePort') continue;
    for (const port of service.ports) {
      if (port.nodePort === null) continue;
      const closing = nodes.map((node) => closedBy(gateway.firewall, node, port));
      const [first] = closing;
      if (first === undefined || first === null || closing.includes(null)) continue;
      tell(
        at(port.locus, 'nodePort'),
        'node-port-closed',
        `nobody outside gets to node port ${port.nodePort} of ${some(nodes.map((n) => n.name))}: the firewall says ${first.text}${placeOf(first.origin)}`,
        'a rule before it that allows the port, if it is meant for the internet',
      );
    }
  }
};

/** Without a public address nothing from the internet gets to a node, and nothing is to be opened. */
const publicNodes = (nodes: readonly Node[], { nat }: InternetGateway) => nodes.filter((n) => nat.some((t) => t.private === n.ip));

interface Closing {
  readonly text: string;
  readonly origin: Origin;
}

/** The rule, or the default, that stops what is sent there from anywhere; null when some of it passes. */
function closedBy(firewall: Firewall | null, node: Node, port: ServicePort): Closing | null {
  if (firewall === null) return null;
  for (const rule of firewall.rules) {
    if (!isInRule(rule.to, node.ip) || !isAbout(rule, port)) continue;
    if (rule.action === 'allow') return null;
    if (rule.from.length === 0) return { text: firewallRuleText(rule), origin: rule.origin };
  }
  const { action, origin } = firewall.otherwise;
  return action === 'allow' ? null : { text: `${action} by default`, origin };
}

function isAbout({ ports, protocol }: FirewallRule, port: ServicePort): boolean {
  if (ports.length === 0) return protocol === null || protocol === port.protocol;
  return ports.some((p) => p.protocol === port.protocol && port.nodePort !== null && p.first <= port.nodePort && port.nodePort <= p.last);
}

const placeOf = ({ locus }: Origin) => (locus === null ? '' : ` (${locus.document.file}:${locus.document.position(locus.path).line})`);
