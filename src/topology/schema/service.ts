import * as z from 'zod';
import { serviceNameDocs, serviceNames } from './dns.ts';
import {
  address,
  checked,
  eitherOf,
  label,
  oneAFamily,
  oneOf,
  port,
  portName,
  prefix,
  protocol,
  serviceSelector,
  strict,
  subdomain,
  whole,
} from './fields.ts';

/** Services and endpoints, in Kubernetes' own words. */

/** The range of the API server's --service-node-port-range, unless told otherwise. */
const nodePort = whole(30000, 32767, 'a node port');
const trafficPolicy = oneOf(['Cluster', 'Local']);

const servicePort = strict(
  {
    name: portName.optional(),
    port: port,
    targetPort: z.union([port, portName]).optional(),
    protocol: protocol,
    nodePort: nodePort.optional(),
  },
  {
    name: 'Needed when there are several.',
    port: "The service's own port.",
    targetPort: "The pods' port, by number or by a container port's name; left out, the same as port.",
    nodePort: 'The port on every node; only for type NodePort or LoadBalancer.',
    protocol: 'TCP unless stated.',
  },
);

const serviceFields = strict(
  {
    name: label,
    namespace: label.default('default'),
    clusterIP: z.union([oneOf(['None']), address]).optional(),
    clusterIPs: oneAFamily(address).optional(),
    ipFamilies: z
      .array(oneOf(['IPv4', 'IPv6']))
      .min(1, { error: 'state at least one' })
      .refine((all) => new Set(all).size === all.length, { error: 'each family once' })
      .optional(),
    ipFamilyPolicy: oneOf(['SingleStack', 'PreferDualStack', 'RequireDualStack']).optional(),
    type: oneOf(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']).default('ClusterIP'),
    selector: serviceSelector.default({}),
    ports: z.array(servicePort).default([]),
    externalIPs: z.array(address).default([]),
    externalTrafficPolicy: trafficPolicy.default('Cluster'),
    internalTrafficPolicy: trafficPolicy.default('Cluster'),
    sessionAffinity: oneOf(['None', 'ClientIP']).default('None'),
    sessionAffinityConfig: strict(
      { clientIP: strict({ timeoutSeconds: whole(1, 86400) }, { timeoutSeconds: 'How long a client stays with its endpoint.' }) },
      { clientIP: 'By the client.' },
    ).optional(),
    trafficDistribution: oneOf(['PreferClose', 'PreferSameZone', 'PreferSameNode']).optional(),
    loadBalancerSourceRanges: z.array(prefix).default([]),
    healthCheckNodePort: nodePort.optional(),
    status: strict(
      {
        loadBalancer: strict(
          {
            ingress: z.array(
              strict(
                { ip: address, ipMode: oneOf(['VIP', 'Proxy']).default('VIP') },
                { ip: "The load balancer's address.", ipMode: 'VIP: nodes take packets to it themselves. Proxy: they must not.' },
              ),
            ),
          },
          { ingress: 'Its addresses.' },
        ),
      },
      { loadBalancer: 'What the load balancer got.' },
    ).optional(),
    ...serviceNames,
  },
  {
    name: "The service's name.",
    namespace: 'Its Kubernetes namespace.',
    clusterIP: 'Its virtual address, or None for a headless service.',
    clusterIPs: 'With two IP families, its virtual address of each.',
    ipFamilies: "Its IP families; left out, those of its clusterIPs, for a headless service the cluster's primary one.",
    ipFamilyPolicy: 'Whether it has one family or two; left out, as many as it has.',
    type: 'How it is reached: only within the cluster, by a port on every node, by a load balancer before them, or as another name.',
    externalIPs: 'Addresses that somebody routes to the nodes for it.',
    externalTrafficPolicy: 'Which endpoints packets from outside get: any, or only those on the node that they came to.',
    internalTrafficPolicy: "The same for the ClusterIP: any, or only those on the client's node.",
    sessionAffinity: 'ClientIP: a client stays with its endpoint.',
    sessionAffinityConfig: 'For how long; three hours when left out.',
    trafficDistribution: 'Which endpoints are preferred, where there are any such.',
    loadBalancerSourceRanges: 'Who may use the load balancer.',
    healthCheckNodePort: 'Where the load balancer asks a node whether it has endpoints; policy Local only.',
    status: 'What the cluster has made of it: the load balancer.',
    selector: 'The pods behind it, by their labels.',
    ports: 'Its ports.',
    ...serviceNameDocs,
  },
);

/** What the API server fills in or asks for depends on the type. */
export const service = checked(serviceFields, (value, missing) => {
  const { type, clusterIP, clusterIPs, ports, externalName } = value;
  eitherOf(value, 'clusterIP', 'clusterIPs', missing, false);
  if (type === 'ExternalName' && externalName === undefined) missing('externalName');
  if (type !== 'ExternalName' && clusterIP === undefined && clusterIPs === undefined) missing('clusterIP');
  if (type !== 'ExternalName' && ports.length === 0) missing('ports', 'a service has at least one port');
});

export const endpoints = strict(
  {
    service: label,
    namespace: label.default('default'),
    port: portName.optional(),
    addresses: z.array(
      strict(
        {
          ip: address,
          port: port,
          ready: z.boolean().default(true),
          serving: z.boolean().optional(),
          terminating: z.boolean().default(false),
          hostname: label.optional(),
          nodeName: subdomain.optional(),
          hints: strict(
            { forZones: z.array(label).default([]), forNodes: z.array(subdomain).default([]) },
            { forZones: 'The zones whose traffic it is for.', forNodes: 'The nodes whose traffic it is for.' },
          ).optional(),
        },
        {
          ip: 'The address.',
          port: 'The port on that address.',
          ready: 'Does it get traffic?',
          serving: 'Does it still answer, though it may be terminating? As ready when left out.',
          terminating: 'Is it going away?',
          hostname: "Its own name below the service's.",
          nodeName: 'Its node; left out, that of the pod with this address.',
          hints: 'For whom the controller means it.',
        },
      ),
    ),
  },
  {
    service: 'The service that they belong to.',
    namespace: "The service's namespace.",
    port: "The service port's name; left out, its only port.",
    addresses: 'The addresses behind the service.',
  },
);
