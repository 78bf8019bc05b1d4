import type { PodPhase } from '../../../k8s/pod.ts';
import type { IpAddress } from '../../../net/address.ts';
import type { PodInput } from '../../schema/topology.ts';
import { type KubeObject, nameOf, namespaceOf } from '../objects.ts';
import type { ContainerObject, PodObject } from '../schema/pod.ts';
import type { OwnerOf } from './owner.ts';
import { addressesIn, addressIn, protocolIn, wordIn } from './text.ts';
import { volumeIn } from './volumes.ts';

const PHASES: readonly PodPhase[] = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];

/** A Pod object in a Topology's words. */
export function podIn(object: KubeObject<'Pod'>, ownerOf: OwnerOf): PodInput {
  const { metadata, spec, status } = object.data;
  const phase = wordIn(PHASES, status?.phase) ?? 'Running';
  return {
    name: nameOf(object),
    namespace: namespaceOf(object),
    node: spec?.nodeName || undefined,
    ips: isGone(phase) ? [] : podAddresses(object.data),
    labels: metadata.labels ?? undefined,
    ready: readiness(status),
    terminating: metadata.deletionTimestamp == null ? undefined : true,
    hostNetwork: spec?.hostNetwork ?? undefined,
    hostIPC: spec?.hostIPC ?? undefined,
    hostPID: spec?.hostPID ?? undefined,
    shareProcessNamespace: spec?.shareProcessNamespace ?? undefined,
    volumes: withoutToken(spec?.volumes ?? []).map(volumeIn),
    containers: running(spec).map(containerIn),
    ...namesIn(spec),
    seen: { phase, owner: ownerOf(object), ...haltedIn(status) },
  };
}

/**
 * The last volume and mount of most pods is their service account's token, which the API server adds (ServiceAccount admission): only read, and
 * the same for each container. Large clusters have as many of them as pods.
 */
export const withoutToken = <T extends { readonly name: string }>(items: readonly T[]): readonly T[] =>
  items.at(-1)?.name.startsWith('kube-api-access-') === true ? items.slice(0, -1) : items;

/** Its processes have ended: it keeps an address that other pods get. */
const isGone = (phase: PodPhase): boolean => phase === 'Succeeded' || phase === 'Failed';

/** `podIPs` since Kubernetes 1.16; before it, and in objects that were cut, `podIP`. A manifest has none yet: it is given some. */
function podAddresses({ metadata, status }: PodObject): IpAddress[] | undefined {
  if (metadata.uid == null && status == null) return undefined;
  const several = addressesIn((status?.podIPs ?? []).map((p) => p.ip));
  return [...(several.length > 0 ? several : addressesIn([status?.podIP]))];
}

/** A pod without any conditions was never looked at by a kubelet's status: nothing says that it is not ready. */
function readiness(status: PodObject['status']): boolean | undefined {
  const conditions = status?.conditions ?? [];
  return conditions.length === 0 ? undefined : conditions.some((c) => c.type === 'Ready' && c.status === 'True');
}

/** The schema keeps the states of containers only where none runs. */
function haltedIn(status: PodObject['status']): { readonly halted?: string } {
  const states = (status?.containerStatuses ?? []).map(({ name, state }) => {
    const why = (state?.waiting ?? state?.terminated)?.reason || (state?.waiting == null ? 'terminated' : 'waiting');
    return `${name}: ${why}`;
  });
  return states.length === 0 ? {} : { halted: states.join(', ') };
}

/** The containers that run as long as the pod does: init containers that restart always are sidecars (KEP-753). */
const running = (spec: PodObject['spec']): readonly ContainerObject[] => [
  ...(spec?.containers ?? []),
  ...(spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always'),
];

const containerIn = ({ name, ports, volumeMounts }: ContainerObject): NonNullable<PodInput['containers']>[number] => ({
  name,
  ports: (ports ?? []).map((p) => ({
    name: p.name || undefined,
    containerPort: p.containerPort,
    protocol: protocolIn(p.protocol),
    hostPort: p.hostPort || undefined,
    hostIP: addressIn(p.hostIP) ?? undefined,
  })),
  volumeMounts: withoutToken(volumeMounts ?? []).map((m) => ({
    name: m.name,
    mountPath: m.mountPath,
    readOnly: m.readOnly ?? undefined,
    subPath: m.subPath || undefined,
  })),
});

type Names = Pick<PodInput, 'hostname' | 'subdomain' | 'dnsPolicy' | 'dnsConfig' | 'hostAliases'>;

function namesIn(spec: PodObject['spec']): Names {
  const { hostname, subdomain, dnsPolicy, dnsConfig, hostAliases } = spec ?? {};
  return {
    hostname: hostname || undefined,
    subdomain: subdomain || undefined,
    dnsPolicy: wordIn(['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'], dnsPolicy),
    dnsConfig:
      dnsConfig == null
        ? undefined
        : {
            nameservers: [...addressesIn(dnsConfig.nameservers ?? [])],
            searches: [...(dnsConfig.searches ?? [])],
            options: (dnsConfig.options ?? []).flatMap((o) => (o.name === 'ndots' ? [{ name: o.name, value: o.value ?? undefined }] : [])),
          },
    hostAliases: hostAliases?.flatMap((a) => {
      const ip = addressIn(a.ip);
      return ip === null ? [] : [{ ip, hostnames: [...(a.hostnames ?? [])] }];
    }),
  };
}
