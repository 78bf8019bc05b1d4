import type { Socket } from '../datapath/netns.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Node } from '../k8s/node.ts';
import type { Container, Pod } from '../k8s/pod.ts';
import { assumed, declared, inferred, type Origin } from '../source/origin.ts';

/** The sockets in a pod's own namespace: those that its containers state; where that is not all that is known, or matters, perhaps any. */
export function podSockets(pod: Pod, { listensAnywhere }: Pick<Cluster, 'listensAnywhere'>): readonly Socket[] {
  const own = pod.containers.flatMap((c) => stated(c, pod));
  return pod.socketsUnknown || listensAnywhere === true ? [...own, anySocket(`a process of ${pod.name}`, assumed(pod.locus))] : own;
}

/** Those of the pods that share the node's namespace, and perhaps any other but on a NodePort. */
export const nodeSockets = (node: Node, hostPods: readonly Pod[], nodePorts: ReadonlySet<string>): readonly Socket[] => [
  ...hostPods.flatMap((p) => p.containers.flatMap((c) => stated(c, p))),
  { ...anySocket(`a process on ${node.name}`, assumed(node.locus)), except: nodePorts },
];

const anySocket = (process: string, origin: Origin): Socket => ({ protocol: null, address: null, port: null, process, origin });

function stated(container: Container, pod: Pod): readonly Socket[] {
  const process = `${container.name}@${pod.name}`;
  const ports = container.ports.map(
    ({ port, protocol, locus }): Socket => ({
      protocol,
      address: null,
      port,
      process,
      origin: pod.socketsUnknown ? inferred(locus) : declared(locus),
    }),
  );
  const listen = container.listen.map(
    ({ address, family, port, protocol, locus }): Socket => ({
      protocol,
      address,
      ...(family === null ? {} : { family }),
      port,
      process,
      origin: declared(locus),
    }),
  );
  return [...ports, ...listen];
}
