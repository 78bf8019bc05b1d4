import * as z from 'zod';
import {
  address,
  deviceName,
  label,
  labels,
  later,
  mtu,
  notYet,
  oneOf,
  port,
  portName,
  prefix,
  protocol,
  strict,
  subdomain,
} from './fields.ts';
import { routeSchema, ruleSchema, sysctlsSchema } from './schema-linux.ts';

/** The topology file. Descriptions end up in the JSON Schema, and so in editors. */

const cniOptions = strict(
  {
    plugin: oneOf(['bridge']),
    bridge: deviceName.default('cni0'),
    mtu: mtu.default(1500),
    hairpinMode: z.boolean().default(true),
    ipMasq: z.boolean().default(false),
  },
  {
    plugin: 'The CNI plugin that connects the pods.',
    bridge: "The bridge's name on every node.",
    mtu: 'MTU of the bridge and of the veth pairs, in bytes.',
    hairpinMode: 'May a frame leave by the bridge port that it came in by? A pod that calls its own service needs it.',
    ipMasq: "Masquerade everything that a pod sends beyond its node's pod range, other nodes' pods included.",
  },
);

const cluster = strict(
  {
    podCIDR: prefix,
    podCIDRs: later('dual stack (podCIDRs)'),
    serviceCIDR: prefix.optional(),
    clusterDomain: later('name resolution (clusterDomain)'),
    cni: z.union([oneOf(['bridge']), cniOptions]).default('bridge'),
    masquerade: z
      .union([
        oneOf(['none']),
        strict({ nonMasqueradeCIDRs: z.array(prefix) }, { nonMasqueradeCIDRs: 'Destinations that keep the pod as source.' }),
      ])
      .optional(),
    kubeProxy: z
      .union([oneOf(['iptables']), strict({ mode: oneOf(['iptables']).default('iptables') }, { mode: 'How kube-proxy programs a node.' })])
      .default('iptables'),
  },
  {
    podCIDR: 'The range of all pod addresses.',
    serviceCIDR: 'The range of the ClusterIPs.',
    cni: 'The CNI plugin, by name or with its options.',
    masquerade: 'What pods send to anywhere else is masqueraded by their node. The default keeps the pod range; none turns it off.',
    kubeProxy: 'The kube-proxy mode.',
  },
);

const stateds = {
  sysctls: sysctlsSchema.optional(),
  routes: strict(
    {
      add: z.array(routeSchema).default([]),
      remove: z.array(z.union([oneOf(['default']), prefix])).default([]),
    },
    { add: 'Routes beside the derived ones, or in place of them.', remove: 'Derived routes that are missing, by their prefix.' },
  ).optional(),
  rules: z.array(ruleSchema).optional(),
  devices: z
    .record(
      deviceName,
      strict(
        {
          mtu: mtu.optional(),
          up: z.boolean().optional(),
          hairpin: z.boolean().optional(),
        },
        { mtu: 'In bytes.', up: 'Administratively up?', hairpin: 'Hairpin mode of a bridge port.' },
      ),
    )
    .optional(),
  addresses: z
    .array(
      strict(
        { ip: address, dev: deviceName, prefixLength: z.number().int().min(1).max(32).default(32) },
        { ip: 'The address.', dev: 'The device that has it.', prefixLength: 'Length of its prefix; 32 is the address alone.' },
      ),
    )
    .optional(),
  neighbours: z
    .array(
      strict(
        { ip: address, dev: deviceName, state: oneOf(['failed']) },
        { ip: 'The neighbour.', dev: 'The device that it is behind.', state: 'failed: ARP gets no answer.' },
      ),
    )
    .optional(),
};

const statedDocs = {
  sysctls: 'Kernel settings that differ from what a Kubernetes node usually has.',
  routes: 'Changes to the main routing table.',
  rules: 'Routing policy rules (ip rule) beside the usual three.',
  devices: 'Settings of devices, by name.',
  addresses: 'Addresses beside the derived ones.',
  neighbours: 'Neighbour entries that differ from what ARP would find.',
};

const node = strict(
  {
    name: subdomain,
    ip: address,
    podCIDR: prefix,
    ...stateds,
    kubeProxy: strict({ running: z.boolean() }, { running: 'Does kube-proxy run on this node?' }).optional(),
  },
  {
    ...statedDocs,
    name: "The node's name; its host network namespace has the same.",
    ip: 'Its address on the network between the nodes.',
    podCIDR: 'The range of the pods on this node.',
    kubeProxy: 'kube-proxy on this node.',
  },
);

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

const pod = strict(
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

const service = strict(
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

const endpoints = strict(
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

const underlay = strict(
  {
    segments: z
      .array(
        strict(
          {
            name: label,
            cidr: prefix,
          },
          { name: "The segment's name.", cidr: 'Its range; every machine on it has this prefix length.' },
        ),
      )
      .min(1, { error: 'state at least one segment' }),
    routers: z
      .array(
        strict(
          {
            name: label,
            interfaces: z.array(
              strict({ segment: label, ip: address }, { segment: 'The segment that it is on.', ip: 'Its address there.' }),
            ),
            routes: z.array(routeSchema).default([]),
          },
          { name: "The router's name.", interfaces: 'eth0, eth1, … in this order.', routes: 'Beside those to its own segments.' },
        ),
      )
      .default([]),
    firewall: later('firewalls'),
  },
  {
    segments: 'Switches that machines hang on. A node is on the one whose range holds its address.',
    routers: 'Machines that join segments.',
  },
);

const internet = strict(
  {
    gateway: strict(
      {
        ip: address,
        publicIP: later("the gateway's NAT (publicIP)"),
        nat: later("the gateway's NAT (nat)"),
      },
      { ip: "The nodes' default route." },
    ),
    clients: later('outside clients'),
  },
  { gateway: 'The way out.' },
);

const expectation = strict(
  {
    name: z.string().optional(),
    from: z.string(),
    to: z.string(),
    outcome: oneOf(['delivered', 'dropped', 'rejected', 'exits', 'looped', 'undetermined', 'mixed']),
  },
  {
    name: 'What is expected, in words.',
    from: 'The source, as on the command line.',
    to: 'The destination, as on the command line.',
    outcome: 'What a trace says.',
  },
);

export const topologySchema = strict(
  {
    apiVersion: z.literal('k8s-trace/v1', { error: 'expected k8s-trace/v1' }),
    kind: z.literal('Topology'),
    cluster: cluster,
    nodes: z.array(node).min(1, { error: 'a cluster has at least one node' }),
    pods: z.array(pod).default([]),
    services: z.array(service).default([]),
    endpoints: z.array(endpoints).default([]),
    namespaces: later('namespaces'),
    ingresses: later('ingresses'),
    networkPolicies: later('network policies'),
    underlay: underlay.optional(),
    internet: internet.optional(),
    expect: z.array(expectation).default([]),
  },
  {
    apiVersion: 'The version of this format.',
    kind: 'Topology.',
    cluster: 'What holds for all nodes.',
    nodes: 'The machines.',
    pods: 'The pods.',
    services: 'The services.',
    endpoints: 'Endpoints that are stated instead of selected, as in EndpointSlices.',
    underlay: 'The network between the nodes; left out, one switch with all on it.',
    internet: 'The world outside.',
    expect: 'What `check` will verify.',
  },
);

export type TopologyForm = z.output<typeof topologySchema>;
export type NodeForm = TopologyForm['nodes'][number];
export type PodForm = TopologyForm['pods'][number];
export type ServiceForm = TopologyForm['services'][number];
export type EndpointsForm = TopologyForm['endpoints'][number];
export type StatedForm = Pick<PodForm, keyof typeof stateds>;
