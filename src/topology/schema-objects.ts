import * as z from 'zod';
import { address, deviceName, label, labels, later, notYet, oneOf, port, portName, protocol, strict, subdomain } from './fields.ts';
import { statedDocs, stateds } from './schema-linux.ts';

/** Pods, services and endpoints, in Kubernetes' own words. */

const listen = z.string().regex(/^((\d{1,3}\.){3}\d{1,3})?:\d{1,5}(\/(tcp|udp|sctp))?$/, {
  error: 'expected ADDRESS:PORT or :PORT, and /udp or /sctp if it is not TCP',
});

const container = strict(
  {
    name: label,
    ports: z
      .array(
        strict(
          {
            name: portName.optional(),
            containerPort: port,
            protocol: protocol,
            hostPort: later('hostPort'),
            hostIP: later('hostIP'),
          },
          { name: 'For target ports by name.', containerPort: 'What it listens on, on all addresses.', protocol: 'TCP unless stated.' },
        ),
      )
      .default([]),
    listen: z.array(listen).default([]),
    volumeMounts: later('volumes (volumeMounts)'),
  },
  {
    name: "The container's name.",
    ports: 'What the container listens on.',
    listen: 'Sockets that are not container ports, as 127.0.0.1:9000.',
  },
);

export const pod = strict(
  {
    name: subdomain,
    namespace: label.default('default'),
    node: subdomain,
    ip: address.optional(),
    labels: labels.default({}),
    ready: z.boolean().default(true),
    veth: deviceName.optional(),
    hostNetwork: notYet('hostNetwork').optional(),
    hostIPC: later('shared IPC (hostIPC)'),
    shareProcessNamespace: notYet('shareProcessNamespace').optional(),
    volumes: later('volumes'),
    containers: z.array(container).optional(),
    sysctls: stateds.sysctls,
    routes: stateds.routes,
    rules: stateds.rules,
    devices: stateds.devices,
    addresses: stateds.addresses,
    neighbours: stateds.neighbours,
  },
  {
    ...statedDocs,
    name: "The pod's name.",
    namespace: 'Its Kubernetes namespace.',
    node: 'The node that it runs on.',
    ip: "Its address; left out, the next free one of its node's range.",
    labels: 'What selectors look at.',
    ready: 'Does it pass its readiness probe?',
    veth: "The host's end of its veth pair; left out, veth0, veth1, … in file order.",
    hostNetwork: 'Not supported yet: true.',
    shareProcessNamespace: 'Not supported yet: true.',
    containers: 'Its containers. Left out, the pod may listen on anything.',
  },
);

const servicePort = strict(
  {
    name: portName.optional(),
    port: port,
    targetPort: z.union([port, portName]).optional(),
    protocol: protocol,
    nodePort: later('NodePort (nodePort)'),
  },
  {
    name: 'Needed when there are several.',
    port: "The service's own port.",
    targetPort: "The pods' port, by number or by a container port's name; left out, the same as port.",
    protocol: 'TCP unless stated.',
  },
);

export const service = strict(
  {
    name: label,
    namespace: label.default('default'),
    clusterIP: z.union([oneOf(['None']), address]),
    type: z
      .literal('ClusterIP', {
        error: (issue) => `${typeof issue.input === 'string' ? issue.input : 'this type'} is not supported yet; only ClusterIP so far`,
      })
      .default('ClusterIP'),
    selector: labels.default({}),
    ports: z.array(servicePort).min(1, { error: 'a service has at least one port' }),
    externalIPs: later('externalIPs'),
    externalTrafficPolicy: later('externalTrafficPolicy'),
    internalTrafficPolicy: later('internalTrafficPolicy'),
    sessionAffinity: later('sessionAffinity'),
    trafficDistribution: later('trafficDistribution'),
    loadBalancerSourceRanges: later('loadBalancerSourceRanges'),
    healthCheckNodePort: later('healthCheckNodePort'),
    externalName: later('ExternalName (externalName)'),
    publishNotReadyAddresses: later('publishNotReadyAddresses'),
  },
  {
    name: "The service's name.",
    namespace: 'Its Kubernetes namespace.',
    clusterIP: 'Its virtual address, or None for a headless service.',
    type: 'Only ClusterIP so far.',
    selector: 'The pods behind it, by their labels.',
    ports: 'Its ports.',
  },
);

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
        },
        { ip: 'The address.', port: 'The port on that address.', ready: 'Does it get traffic?' },
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
