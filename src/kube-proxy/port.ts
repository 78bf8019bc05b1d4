import { type CategorizedEndpoints, categorizeEndpoints, externalIpsIn, type NodeView, virtualIps } from '../k8s/endpoints.ts';
import { prefixesIn } from '../k8s/families.ts';
import type { Service, ServicePort } from '../k8s/service.ts';
import type { IpAddress, IpFamily } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import { declared, type Origin } from '../source/origin.ts';
import type { LocalDetector } from './detect-local.ts';
import { servicePortName } from './names.ts';

/** A node's kube-proxy, but for the services that it reads. */
export interface ProxierConfig {
  readonly family: IpFamily;
  readonly here: NodeView;
  /** Null: the node has no address of the family. */
  readonly nodeIp: IpAddress | null;
  /** Null: it cannot tell pods from others. */
  readonly isLocal: LocalDetector | null;
  readonly masqueradeAll: boolean;
}

/** One service port on its way into rules. */
export interface PortContext {
  readonly service: Service;
  readonly port: ServicePort;
  readonly clusterIp: IpAddress;
  /** `namespace/name:port`. */
  readonly name: string;
  readonly origin: Origin;
  readonly config: ProxierConfig;
  /** Of the proxier's family. */
  readonly externalIps: readonly IpAddress[];
  readonly virtualIps: readonly IpAddress[];
  readonly sourceRanges: readonly Prefix[];
  /** The endpoints that the node uses. */
  readonly usable: CategorizedEndpoints;
  /** Is there an endpoint for packets to the ClusterIP, and for those to any other address? */
  readonly hasInternal: boolean;
  readonly hasExternal: boolean;
}

/** The facts that all rules of the port are made from. */
export function portContext(service: Service, port: ServicePort, clusterIp: IpAddress, config: ProxierConfig): PortContext {
  const { family } = config;
  const usable = categorizeEndpoints(service, port, config.here, family);
  const has = usable.any;
  return {
    service,
    port,
    clusterIp,
    name: servicePortName(service.namespace, service.name, port.name),
    origin: declared(service.locus),
    config,
    externalIps: externalIpsIn(service, family),
    virtualIps: virtualIps(service, family),
    sourceRanges: prefixesIn(service.loadBalancerSourceRanges, family),
    usable,
    hasInternal: has && (service.internalTrafficPolicy === 'Cluster' || usable.local.length > 0),
    hasExternal: has && (service.externalTrafficPolicy === 'Cluster' || usable.local.length > 0),
  };
}
