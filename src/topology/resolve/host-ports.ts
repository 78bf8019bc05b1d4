import type { Pod } from '../../k8s/pod.ts';
import type { IpAddress } from '../../net/address.ts';
import { type Locus, placeOf } from '../../source/origin.ts';
import type { Cursor } from './cursor.ts';

interface Taken {
  readonly pod: Pod;
  readonly ip: IpAddress | null;
  readonly locus: Locus;
}

/** A port of a node leads to one process: that of a pod on the host's network, or one that a hostPort maps to. */
export function checkHostPorts(root: Cursor, pods: readonly Pod[]): void {
  const taken = new Map<string, Taken[]>();
  for (const pod of pods)
    for (const { number, protocol, ip, locus } of hostPortsOf(pod)) {
      const key = `${pod.node} ${number}/${protocol}`;
      const others = taken.get(key) ?? [];
      const earlier = others.find((t) => t.pod !== pod && (t.ip === null || ip === null || t.ip === ip));
      if (earlier === undefined) taken.set(key, [...others, { pod, ip, locus }]);
      else
        root
          .from(locus)
          .error(
            'duplicate-port',
            `port ${number}/${protocol} of ${pod.node} is that of pod ${earlier.pod.name} already (${placeOf(earlier.locus)})`,
          );
    }
}

function hostPortsOf(pod: Pod) {
  const ports = pod.containers.flatMap((c) => c.ports);
  if (pod.hostNetwork) return ports.map(({ port: number, protocol, locus }) => ({ number, protocol, ip: null, locus }));
  return ports.flatMap(({ host, protocol }) => (host === null ? [] : [{ number: host.port, protocol, ip: host.ip, locus: host.locus }]));
}
