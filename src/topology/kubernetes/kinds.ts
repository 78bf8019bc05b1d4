import type * as z from 'zod';
import {
  blockAffinitySchema,
  ciliumNodeSchema,
  felixConfigurationSchema,
  hostSubnetSchema,
  installationSchema,
  ipamBlockSchema,
  ipPoolSchema,
  networkSchema,
  nodeNetworkConfigSchema,
} from './schema/cni.ts';
import {
  ciliumPolicySchema,
  configMapSchema,
  ingressClassSchema,
  ingressSchema,
  looseSchema,
  namespaceSchema,
  serviceCidrSchema,
  workloadSchema,
} from './schema/config.ts';
import { nodeSchema } from './schema/node.ts';
import { podSchema } from './schema/pod.ts';
import { endpointSliceSchema, endpointsSchema, serviceSchema } from './schema/service.ts';

interface Entry {
  /** As objects have it, where kinds of several groups have one name. */
  readonly kind?: string;
  readonly groups: readonly string[];
  /** Made where there is an object of the kind: to make all takes longer than most traces. */
  readonly schema: () => z.ZodType;
}

/**
 * The kinds that are read, each with its API groups (the core group is empty): a `Node` of longhorn.io is no machine. One line a kind.
 */
export const KINDS = {
  Node: { groups: [''], schema: () => nodeSchema },
  Namespace: { groups: [''], schema: () => namespaceSchema },
  Pod: { groups: [''], schema: () => podSchema },
  Service: { groups: [''], schema: () => serviceSchema },
  Endpoints: { groups: [''], schema: () => endpointsSchema },
  EndpointSlice: { groups: ['discovery.k8s.io'], schema: () => endpointSliceSchema },
  ConfigMap: { groups: [''], schema: () => configMapSchema },
  ServiceCIDR: { groups: ['networking.k8s.io'], schema: () => serviceCidrSchema },
  Ingress: { groups: ['networking.k8s.io', 'extensions'], schema: () => ingressSchema },
  IngressClass: { groups: ['networking.k8s.io'], schema: () => ingressClassSchema },
  GatewayClass: { groups: ['gateway.networking.k8s.io'], schema: () => looseSchema },
  Gateway: { groups: ['gateway.networking.k8s.io'], schema: () => looseSchema },
  HTTPRoute: { groups: ['gateway.networking.k8s.io'], schema: () => looseSchema },
  ReferenceGrant: { groups: ['gateway.networking.k8s.io'], schema: () => looseSchema },
  NetworkPolicy: { groups: ['networking.k8s.io', 'extensions'], schema: () => looseSchema },
  AdminNetworkPolicy: { groups: ['policy.networking.k8s.io'], schema: () => looseSchema },
  BaselineAdminNetworkPolicy: { groups: ['policy.networking.k8s.io'], schema: () => looseSchema },
  ClusterNetworkPolicy: { groups: ['policy.networking.k8s.io'], schema: () => looseSchema },
  CiliumNetworkPolicy: { groups: ['cilium.io'], schema: () => ciliumPolicySchema },
  CiliumClusterwideNetworkPolicy: { groups: ['cilium.io'], schema: () => ciliumPolicySchema },
  CalicoNetworkPolicy: { kind: 'NetworkPolicy', groups: ['crd.projectcalico.org', 'projectcalico.org'], schema: () => looseSchema },
  GlobalNetworkPolicy: { groups: ['crd.projectcalico.org', 'projectcalico.org'], schema: () => looseSchema },
  AntreaNetworkPolicy: { kind: 'NetworkPolicy', groups: ['crd.antrea.io'], schema: () => looseSchema },
  AntreaClusterNetworkPolicy: { kind: 'ClusterNetworkPolicy', groups: ['crd.antrea.io'], schema: () => looseSchema },
  Deployment: { groups: ['apps', 'extensions'], schema: () => workloadSchema },
  DaemonSet: { groups: ['apps', 'extensions'], schema: () => workloadSchema },
  StatefulSet: { groups: ['apps'], schema: () => workloadSchema },
  ReplicaSet: { groups: ['apps', 'extensions'], schema: () => workloadSchema },
  Job: { groups: ['batch'], schema: () => workloadSchema },
  CronJob: { groups: ['batch'], schema: () => workloadSchema },
  IPPool: { groups: ['crd.projectcalico.org', 'projectcalico.org'], schema: () => ipPoolSchema },
  IPAMBlock: { groups: ['crd.projectcalico.org', 'projectcalico.org'], schema: () => ipamBlockSchema },
  BlockAffinity: { groups: ['crd.projectcalico.org', 'projectcalico.org'], schema: () => blockAffinitySchema },
  FelixConfiguration: { groups: ['crd.projectcalico.org', 'projectcalico.org'], schema: () => felixConfigurationSchema },
  Installation: { groups: ['operator.tigera.io'], schema: () => installationSchema },
  CiliumNode: { groups: ['cilium.io'], schema: () => ciliumNodeSchema },
  Network: { groups: ['config.openshift.io', 'operator.openshift.io'], schema: () => networkSchema },
  HostSubnet: { groups: ['network.openshift.io'], schema: () => hostSubnetSchema },
  NodeNetworkConfig: { groups: ['acn.azure.com'], schema: () => nodeNetworkConfigSchema },
  ENIConfig: { groups: ['crd.k8s.amazonaws.com'], schema: () => looseSchema },
} as const satisfies Record<string, Entry>;

/** Policies that are evaluated. */
export const POLICY_KINDS = [
  'NetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'ClusterNetworkPolicy',
] as const satisfies readonly (keyof typeof KINDS)[];

export type Kind = keyof typeof KINDS;
export type DataOf<K extends Kind> = z.output<ReturnType<(typeof KINDS)[K]['schema']>>;

export const ALL_KINDS: readonly Kind[] = Object.keys(KINDS) as Kind[];

/** As objects have it. */
export function nameOfKind(kind: Kind): string {
  const entry: Entry = KINDS[kind];
  return entry.kind ?? kind;
}

const BY_NAME = new Map<string, Kind[]>();
for (const kind of ALL_KINDS) BY_NAME.set(nameOfKind(kind), [...(BY_NAME.get(nameOfKind(kind)) ?? []), kind]);

/** Has any API that is read a kind of this name? */
export const isKind = (kind: string): boolean => BY_NAME.has(kind);

/** `networking.k8s.io` of `networking.k8s.io/v1`; empty for `v1`, the core group. */
const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '');

/** The kind that an object is of, when it is one that is read. Without an apiVersion the kind's name decides. */
export function kindRead(apiVersion: string, kind: string): Kind | null {
  const kinds = BY_NAME.get(kind) ?? [];
  const own = (candidate: Kind) => (KINDS[candidate].groups as readonly string[]).includes(groupOf(apiVersion));
  return (apiVersion === '' ? kinds[0] : kinds.find(own)) ?? null;
}
