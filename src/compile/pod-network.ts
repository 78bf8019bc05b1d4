import { newNetns } from '../datapath/build.ts';
import { FORWARDING } from '../datapath/sysctl.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { PodNetwork } from '../k8s/cni.ts';
import { key, type Pod } from '../k8s/pod.ts';
import { familyOf } from '../net/address.ts';
import { declared, inferred } from '../source/origin.ts';
import { podSockets } from './sockets.ts';

/** A pod's namespace before a plugin connects it. */
export function podNetwork(cluster: Cluster, pod: Pod, node: string): PodNetwork {
  const { families } = cluster;
  const origin = declared(pod.locus);
  const addresses = families.flatMap((f) => pod.ips.filter((i) => familyOf(i.address) === f));
  const own = addresses.map((a) => familyOf(a.address));
  const builder = newNetns({ name: key(pod), node, role: 'pod' }, origin, podSockets(pod, cluster), own);
  for (const family of own) builder.sysctls.set(FORWARDING[family], { value: 1, origin: inferred(null) });
  const portMappings = pod.containers.flatMap((c) =>
    c.ports.flatMap(({ host, port, protocol }) =>
      host === null ? [] : [{ hostPort: host.port, hostIp: host.ip, containerPort: port, protocol, origin: declared(host.locus) }],
    ),
  );
  return { builder, addresses, vethName: pod.veth, nic: pod.nic, portMappings, origin };
}
