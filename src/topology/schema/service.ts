import * as z from 'zod';
import {
  address,
  addresses,
  eitherOf,
  label,
  oneOf,
  port,
  portName,
  prefix,
  protocol,
  serviceSelector,
  subdomain,
  whole,
} from '../../source/fields.ts';
import { checked, field, hasItsType, MALFORMED, strict } from '../../source/objects.ts';
import { serviceNames } from './dns.ts';

/** Services and endpoints, in Kubernetes' own words. */

/** Which range it has to be in, the cluster says. */
const nodePort = port;
const trafficPolicy = oneOf(['Cluster', 'Local']);

const servicePort = strict(() => ({
  name: field(portName.optional(), 'Needed when there are several.'),
  port: field(port, "The service's own port."),
  targetPort: field(
    z.union([port, portName]).optional(),
    "The pods' port, by number or by a container port's name; left out, the same as port.",
  ),
  protocol: field(protocol, 'TCP unless stated.'),
  nodePort: field(nodePort.optional(), 'The port on every node; only for type NodePort or LoadBalancer.'),
}));

const ingressStatus = checked(
  strict(() => ({
    ip: field(address.optional(), "The load balancer's address."),
    hostname: field(subdomain.optional(), 'Its name, where it has no address of its own to state.'),
    ipMode: field(oneOf(['VIP', 'Proxy']).optional(), 'VIP: nodes take packets to it themselves. Proxy: they must not.'),
  })),
  (value, missing) => {
    if (value.ip === undefined && value.hostname === undefined) missing('ip');
  },
);

const serviceFields = strict(() => ({
  name: field(label, "The service's name."),
  namespace: field(label.optional(), 'Its Kubernetes namespace.'),
  clusterIP: field(z.union([oneOf(['None']), address]).optional(), 'Its virtual address, or None for a headless service.'),
  clusterIPs: field(addresses.optional(), 'With two IP families, its virtual address of each.'),
  ipFamilies: field(
    z
      .array(oneOf(['IPv4', 'IPv6']))
      .min(1, { error: 'state at least one' })
      .refine((all) => new Set(all).size === all.length, { error: 'each family once', when: hasItsType })
      .optional(),
    "Its IP families; left out, those of its clusterIPs, for a headless service the cluster's primary one.",
  ),
  ipFamilyPolicy: field(
    oneOf(['SingleStack', 'PreferDualStack', 'RequireDualStack']).optional(),
    'Whether it has one family or two; left out, as many as it has.',
  ),
  type: field(
    oneOf(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']).optional(),
    'How it is reached: only within the cluster, by a port on every node, by a load balancer before them, or as another name.',
  ),
  selector: field(serviceSelector.optional(), 'The pods behind it, by their labels.'),
  ports: field(z.array(servicePort).optional(), 'Its ports.'),
  externalIPs: field(z.array(address).optional(), 'Addresses that somebody routes to the nodes for it.'),
  externalTrafficPolicy: field(
    trafficPolicy.optional(),
    'Which endpoints packets from outside get: any, or only those on the node that they came to.',
  ),
  internalTrafficPolicy: field(trafficPolicy.optional(), "The same for the ClusterIP: any, or only those on the client's node."),
  sessionAffinity: field(oneOf(['None', 'ClientIP']).optional(), 'ClientIP: a client stays with its endpoint.'),
  sessionAffinityConfig: field(
    strict(() => ({
      clientIP: field(
        strict(() => ({ timeoutSeconds: field(whole(1, 86400), 'How long a client stays with its endpoint.') })),
        'By the client.',
      ),
    })).optional(),
    'For how long; three hours when left out.',
  ),
  trafficDistribution: field(
    oneOf(['PreferClose', 'PreferSameZone', 'PreferSameNode']).optional(),
    'Which endpoints are preferred, where there are any such.',
  ),
  loadBalancerSourceRanges: field(z.array(prefix).optional(), 'Who may use the load balancer.'),
  healthCheckNodePort: field(nodePort.optional(), 'Where the load balancer asks a node whether it has endpoints; policy Local only.'),
  status: field(
    strict(() => ({
      loadBalancer: field(
        strict(() => ({
          ingress: field(z.array(ingressStatus), 'Its addresses.'),
        })),
        'What the load balancer got.',
      ),
    })).optional(),
    'What the cluster has made of it: the load balancer.',
  ),
  ...serviceNames,
}));

/** The fields that the API server fills in or asks for depend on the type. `alone`: no Kubernetes object says what is left out. */
export const service = (alone: boolean) =>
  checked(serviceFields, (value, wrong) => {
    const { type, ports = [], externalName } = value;
    const isName = type === 'ExternalName';
    eitherOf(value, 'clusterIP', 'clusterIPs', wrong, alone && !isName && type !== MALFORMED);
    if (!alone) return;
    if (isName && externalName === undefined) wrong('externalName');
    if (!isName && type !== MALFORMED && ports !== MALFORMED && ports.length === 0) wrong('ports', 'a service has at least one port');
  });

export const endpoints = strict(() => ({
  service: field(label, 'The service that they belong to.'),
  namespace: field(label.optional(), "The service's namespace."),
  port: field(portName.optional(), "The service port's name; left out, they are those of a port without a name."),
  addresses: field(
    z.array(
      strict(() => ({
        ip: field(address, 'The address.'),
        port: field(port, 'The port on that address.'),
        ready: field(z.boolean().optional(), 'Does it get traffic?'),
        serving: field(z.boolean().optional(), 'Does it still answer, though it may be terminating? As ready when left out.'),
        terminating: field(z.boolean().optional(), 'Is it going away?'),
        hostname: field(label.optional(), "Its own name below the service's."),
        nodeName: field(subdomain.optional(), 'Its node; left out, that of the pod with this address.'),
        hints: field(
          strict(() => ({
            forZones: field(z.array(label).optional(), 'The zones whose traffic it is for.'),
            forNodes: field(z.array(subdomain).optional(), 'The nodes whose traffic it is for.'),
          })).optional(),
          'For whom the controller means it.',
        ),
      })),
    ),
    'The addresses behind the service.',
  ),
}));
