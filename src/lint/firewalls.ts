import type { Cluster } from '../k8s/cluster.ts';
import { nodeIp } from '../k8s/families.ts';
import { firewallRuleText, isInRule, isOfFamily } from '../k8s/firewall.ts';
import type { Firewall, FirewallRule, InternetGateway } from '../k8s/network.ts';
import type { ServicePort } from '../k8s/service.ts';
import { familyOf, formatAddress, type IpAddress, type IpFamily } from '../net/address.ts';
import { formatPrefix, hostPrefix, isHostPrefix } from '../net/prefix.ts';
import { at, declared, type Origin, placeOf } from '../source/origin.ts';
import { type Lint, some } from './lint.ts';

/** Rules of a firewall that let pass, or keep out, otherwise than their author seems to mean. */
export const firewalls: Lint = (cluster, datapath, report) => {
  natAddresses(cluster, datapath, report);
  nodePorts(cluster, datapath, report);
};

/**
 * Rules at the edge for a public address of the gateway's NAT. What comes in for it has the private one by then, and what comes from
 * inside is for the gateway itself, so neither is asked about.
 */
const natAddresses: Lint = ({ gateway }, _datapath, report) => {
  for (const { to, origin } of gateway?.firewall?.rules ?? []) {
    if (gateway === null || !isHostPrefix(to) || origin.locus === null) continue;
    const address = formatAddress(to.address);
    const entry = gateway.nat.find((n) => n.public === to.address);
    if (entry !== undefined) {
      const inside = formatAddress(entry.private);
      const message = `the rule is never met: ${address} has become ${inside} when the gateway asks its firewall${inBrackets(declared(entry.locus))}`;
      report(
        at(origin.locus, 'to'),
        'firewall-rule-for-nat-address',
        message,
        `to: ${formatPrefix(hostPrefix(entry.private))}, if that is who is meant`,
      );
    } else if (gateway.publicIps.some((p) => p.ip === to.address)) {
      const message = `the rule is never met: ${address} is an address of the gateway itself, and the firewall is asked only about what is handed on`;
      report(at(origin.locus, 'to'), 'firewall-rule-for-nat-address', message, 'name an address inside, or leave the rule out');
    }
  }
};

/** Node ports that the firewall at the edge closes to all of the outside. The gateway asks it when it has translated to the node's address. */
const nodePorts: Lint = (cluster, _datapath, report) => {
  const { gateway } = cluster;
  if (gateway === null || gateway.firewall === null) return;
  const nodes = cluster.families.map((family) => publicNodes(cluster, gateway, family)).filter((n) => n.length > 0);
  if (nodes.length === 0) return;
  for (const service of cluster.services.values()) {
    // A load balancer's node ports are for the load balancer.
    if (service.type !== 'NodePort') continue;
    for (const port of service.ports)
      for (const { text, origin, names } of closings(gateway.firewall, nodes, port))
        report(
          at(port.locus, 'nodePort'),
          'node-port-closed',
          `nobody outside gets to node port ${port.nodePort} of ${some([...names])}: the firewall says ${text}${inBrackets(origin)}`,
          'a rule before it that allows the port, if it is meant for the internet',
        );
  }
};

interface PublicNode {
  readonly name: string;
  readonly ip: IpAddress;
}

/** Without a public address nothing from the internet gets to a node, and nothing is to be opened. */
function publicNodes({ nodes }: Cluster, { nat }: InternetGateway, family: IpFamily): readonly PublicNode[] {
  return [...nodes.values()].flatMap((node) => {
    const ip = nodeIp(node, family);
    return ip !== null && nat.some((n) => n.private === ip) ? [{ name: node.name, ip }] : [];
  });
}

interface Closing {
  readonly text: string;
  readonly origin: Origin;
  /** The nodes whose port it closes. */
  readonly names: ReadonlySet<string>;
}

/** The rules and defaults that close a node port on all public nodes of a family, each once. */
function closings(firewall: Firewall, nodes: readonly (readonly PublicNode[])[], port: ServicePort): readonly Closing[] {
  const found = new Map<Origin, Closing>();
  for (const ofFamily of port.nodePort === null ? [] : nodes) {
    const closing = ofFamily.map(({ ip }) => closedBy(firewall, ip, port));
    const [first] = closing;
    if (first == null || closing.includes(null)) continue;
    const before = found.get(first.origin)?.names ?? [];
    found.set(first.origin, { ...first, names: new Set([...before, ...ofFamily.map((n) => n.name)]) });
  }
  return [...found.values()];
}

/** The rule, or the default, that stops what is sent to an address from anywhere; null when some of it passes. */
function closedBy(firewall: Firewall, ip: IpAddress, port: ServicePort): Omit<Closing, 'names'> | null {
  for (const rule of firewall.rules) {
    if (!isOfFamily(rule, familyOf(ip)) || !isInRule(rule.to, ip) || !isAbout(rule, port)) continue;
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

const inBrackets = ({ locus }: Origin) => (locus === null ? '' : ` (${placeOf(locus)})`);
