import type { SocketBalancer } from '../datapath/socket-balancer.ts';
import { addressIndex } from '../k8s/address-index.ts';
import type { Cluster } from '../k8s/cluster.ts';
import { categorizeEndpoints } from '../k8s/endpoints.ts';
import { type Node, zoneOf } from '../k8s/node.ts';
import { key } from '../k8s/pod.ts';
import { familyOf } from '../net/address.ts';
import { declared } from '../source/origin.ts';

/**
 * Socket load balancing on a node: a ClusterIP is an endpoint's address from the call on. ICMP has no ports to tell services by, SCTP is not
 * its business, and a port that the service does not have is left alone. Source: cilium, bpf/bpf_sock.c.
 */
export function socketBalancer(cluster: Cluster, node: Node): SocketBalancer {
  const here = { name: node.name, zone: zoneOf(node) };
  return ({ protocol, destination, port: number }) => {
    const called = addressIndex(cluster).services.get(destination);
    if (called?.entry !== 'cluster' || (protocol !== 'tcp' && protocol !== 'udp')) return null;
    const { service } = called;
    const port = service.ports.find((p) => p.port === number && p.protocol === protocol);
    if (port === undefined) return null;
    const { cluster: all, local } = categorizeEndpoints(service, port, here, familyOf(destination));
    const origin = declared(port.locus);
    const chosen = service.internalTrafficPolicy === 'Local' ? local : all;
    return { choices: chosen.map((e) => ({ address: e.ip, port: e.port, says: `service ${key(service)}`, origin })), origin };
  };
}
