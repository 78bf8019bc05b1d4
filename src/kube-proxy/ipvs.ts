import { addAddressWithoutLink } from '../datapath/add-address.ts';
import { addDummy } from '../datapath/build.ts';
import type { NetnsBuilder } from '../datapath/builder.ts';
import { type IpAddress, isLoopback } from '../net/address.ts';
import { hostPrefix } from '../net/prefix.ts';
import { inferred, type Origin } from '../source/origin.ts';
import { portServers } from './ipvs-port.ts';
import { jumpRules, serviceChains } from './ipvs-rules.ts';
import { virtualServers } from './ipvs-servers.ts';
import { setsOn } from './ipvs-sets.ts';
import type { ProxyMode } from './mode.ts';
import { nodePortAddresses } from './node-port-addresses.ts';
import { indexPorts } from './port-index.ts';
import { portsOnNodes } from './ports-on-node.ts';

/**
 * kube-proxy in ipvs mode: every address of a service is the node's own, IPVS balances, and rules with sets masquerade and refuse. Modelled,
 * not verified against a kernel. Source: pkg/proxy/ipvs/proxier.go.
 */
export const ipvsMode: ProxyMode = {
  name: 'ipvs',
  compile(cluster, family) {
    const { kubeProxy, services } = cluster;
    const index = indexPorts(services, family);
    const portsOn = portsOnNodes(index, cluster, family, portServers);
    const setsOf = setsOn(index, family);
    const origin = inferred(kubeProxy.origin.locus);
    const jumps = jumpRules(origin);
    return {
      program(node, rules, host) {
        const own = node.interfaceAddresses;
        // Only with all addresses the loopback one is among them.
        const chosen = nodePortAddresses(kubeProxy.nodePortAddresses, node, family);
        const ofNode = chosen?.filter((a) => !isLoopback(a)) ?? own;
        const bound = [...index.byAddress.keys()].filter((a) => !own.includes(a));
        for (const { table, hook, rule } of jumps) rules.append(table, hook, rule);
        rules.share(serviceChains({ family, kubeProxy, node, origin, sets: setsOf(node, bound, ofNode) }));
        rules.ipvs(virtualServers(index, portsOn(node), ofNode));
        bind(host, bound, origin);
        if (kubeProxy.strictArp) {
          host.sysctls.set('net.ipv4.conf.all.arp_ignore', { value: 1, origin });
          host.sysctls.set('net.ipv4.conf.all.arp_announce', { value: 2, origin });
        }
      },
    };
  },
};

const DUMMY_MTU = 1500;

/** The dummy device is never up, and its addresses are the node's all the same. */
function bind(host: NetnsBuilder, addresses: readonly IpAddress[], origin: Origin): void {
  const known = host.netns.devices.get('kube-ipvs0');
  const device = known ?? addDummy(host, 'kube-ipvs0', DUMMY_MTU, origin);
  device.down = origin;
  device.neverUp = true;
  for (const a of addresses) addAddressWithoutLink(host, device, a, hostPrefix(a), origin);
}
