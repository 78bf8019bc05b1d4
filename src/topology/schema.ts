import * as z from 'zod';
import { address, deviceName, label, labels, later, mtu, oneOf, port, portName, prefix, protocol, strict, subdomain } from './fields.ts';
import { routeSchema, ruleSchema, sysctlsSchema } from './schema-linux.ts';

/** The topology file. Descriptions end up in the JSON Schema, and so in editors. */

const cniOptions = strict({
  plugin: oneOf(['bridge']).describe('The CNI plugin that connects the pods.'),
  bridge: deviceName.default('cni0').describe("The bridge's name on every node."),
  mtu: mtu.default(1500).describe('MTU of the bridge and of the veth pairs, in bytes.'),
  hairpinMode: z
    .boolean()
    .default(true)
    .describe('May a frame leave by the bridge port that it came in by? A pod that calls its own service needs it.'),
  ipMasq: z
    .boolean()
    .default(false)
    .describe("Masquerade everything that a pod sends beyond its node's pod range, other nodes' pods included."),
});

const cluster = strict({
  podCIDR: prefix.describe('The range of all pod addresses.'),
  podCIDRs: later('dual stack (podCIDRs)'),
  serviceCIDR: prefix.optional().describe('The range of the ClusterIPs.'),
  clusterDomain: later('name resolution (clusterDomain)'),
  cni: z
    .union([oneOf(['bridge']), cniOptions])
    .default('bridge')
    .describe('The CNI plugin, by name or with its options.'),
  masquerade: z
    .union([oneOf(['none']), strict({ nonMasqueradeCIDRs: z.array(prefix).describe('Destinations that keep the pod as source.') })])
    .optional()
    .describe('What pods send to anywhere else is masqueraded by their node. The default keeps the pod range; none turns it off.'),
  kubeProxy: z
    .union([oneOf(['iptables']), strict({ mode: oneOf(['iptables']).default('iptables').describe('How kube-proxy programs a node.') })])
    .default('iptables')
    .describe('The kube-proxy mode.'),
});

const stateds = {
  sysctls: sysctlsSchema.optional().describe('Kernel settings that differ from what a Kubernetes node usually has.'),
  routes: strict({
    add: z.array(routeSchema).default([]).describe('Routes beside the derived ones, or in place of them.'),
    remove: z.array(prefix).default([]).describe('Derived routes that are missing, by their prefix.'),
  })
    .optional()
    .describe('Changes to the main routing table.'),
  rules: z.array(ruleSchema).optional().describe('Routing policy rules (ip rule) beside the usual three.'),
  devices: z
    .record(
      deviceName,
      strict({
        mtu: mtu.optional().describe('In bytes.'),
        up: z.boolean().optional().describe('Administratively up?'),
        hairpin: z.boolean().optional().describe('Hairpin mode of a bridge port.'),
      }),
    )
    .optional()
    .describe('Settings of devices, by name.'),
  addresses: z
    .array(strict({ ip: address, dev: deviceName, prefixLength: z.number().int().min(1).max(32).default(32) }))
    .optional()
    .describe('Addresses beside the derived ones.'),
  neighbours: z
    .array(strict({ ip: address, dev: deviceName, state: oneOf(['failed']).describe('failed: ARP gets no answer.') }))
    .optional()
    .describe('Neighbour entries that differ from what ARP would find.'),
};

const node = strict({
  name: subdomain.describe("The node's name; its host network namespace has the same."),
  ip: address.describe('Its address on the network between the nodes.'),
  podCIDR: prefix.describe('The range of the pods on this node.'),
  ...stateds,
  kubeProxy: strict({ running: z.boolean().describe('Does kube-proxy run on this node?') })
    .optional()
    .describe('kube-proxy on this node.'),
});

const listen = z.string().regex(/^((\d{1,3}\.){3}\d{1,3})?:\d{1,5}(\/(tcp|udp|sctp))?$/, {
  error: 'expected ADDRESS:PORT or :PORT, and /udp or /sctp if it is not TCP',
});

const container = strict({
  name: label.describe("The container's name."),
  ports: z
    .array(
      strict({
        name: portName.optional().describe('For target ports by name.'),
        containerPort: port.describe('What it listens on, on all addresses.'),
        protocol: protocol.describe('TCP unless stated.'),
        hostPort: later('hostPort'),
        hostIP: later('hostIP'),
      }),
    )
    .default([])
    .describe('What the container listens on.'),
  listen: z.array(listen).default([]).describe('Sockets that are not container ports, as 127.0.0.1:9000.'),
  volumeMounts: later('volumes (volumeMounts)'),
});

const pod = strict({
  name: subdomain.describe("The pod's name."),
  namespace: label.default('default').describe('Its Kubernetes namespace.'),
  node: subdomain.describe('The node that it runs on.'),
  ip: address.optional().describe("Its address; left out, the next free one of its node's range."),
  labels: labels.default({}).describe('What selectors look at.'),
  ready: z.boolean().default(true).describe('Does it pass its readiness probe?'),
  veth: deviceName.optional().describe("The host's end of its veth pair; left out, veth0, veth1, … in file order."),
  hostNetwork: z
    .literal(false, { error: 'hostNetwork is not supported yet; a later version will read it' })
    .optional()
    .describe('Not supported yet: true.'),
  hostIPC: later('shared IPC (hostIPC)'),
  shareProcessNamespace: z
    .literal(false, { error: 'shareProcessNamespace is not supported yet; a later version will read it' })
    .optional()
    .describe('Not supported yet: true.'),
  volumes: later('volumes'),
  containers: z.array(container).optional().describe('Its containers. Left out, the pod may listen on anything.'),
  sysctls: stateds.sysctls,
  routes: stateds.routes,
  rules: stateds.rules,
  devices: stateds.devices,
  addresses: stateds.addresses,
  neighbours: stateds.neighbours,
});

const servicePort = strict({
  name: portName.optional().describe('Needed when there are several.'),
  port: port.describe("The service's own port."),
  targetPort: z
    .union([port, portName])
    .optional()
    .describe("The pods' port, by number or by a container port's name; left out, the same as port."),
  protocol: protocol.describe('TCP unless stated.'),
  nodePort: later('NodePort (nodePort)'),
});

const service = strict({
  name: label.describe("The service's name."),
  namespace: label.default('default').describe('Its Kubernetes namespace.'),
  clusterIP: z.union([oneOf(['None']), address]).describe('Its virtual address, or None for a headless service.'),
  type: z
    .literal('ClusterIP', {
      error: (issue) => `${typeof issue.input === 'string' ? issue.input : 'this type'} is not supported yet; only ClusterIP is`,
    })
    .default('ClusterIP')
    .describe('Only ClusterIP so far.'),
  selector: labels.default({}).describe('The pods behind it, by their labels.'),
  ports: z.array(servicePort).min(1, { error: 'a service has at least one port' }).describe('Its ports.'),
  externalIPs: later('externalIPs'),
  externalTrafficPolicy: later('externalTrafficPolicy'),
  internalTrafficPolicy: later('internalTrafficPolicy'),
  sessionAffinity: later('sessionAffinity'),
  trafficDistribution: later('trafficDistribution'),
  loadBalancerSourceRanges: later('loadBalancerSourceRanges'),
  healthCheckNodePort: later('healthCheckNodePort'),
  externalName: later('ExternalName (externalName)'),
  publishNotReadyAddresses: later('publishNotReadyAddresses'),
});

const endpoints = strict({
  service: label.describe('The service that they belong to.'),
  namespace: label.default('default').describe("The service's namespace."),
  port: portName.optional().describe("The service port's name; left out, its only port."),
  addresses: z
    .array(
      strict({
        ip: address,
        port: port.describe('The port on that address.'),
        ready: z.boolean().default(true).describe('Does it get traffic?'),
      }),
    )
    .describe('The addresses behind the service.'),
});

const underlay = strict({
  segments: z
    .array(
      strict({
        name: label.describe("The segment's name."),
        cidr: prefix.describe('Its range; every machine on it has this prefix length.'),
      }),
    )
    .min(1, { error: 'state at least one segment' })
    .describe('Switches that machines hang on. A node is on the one whose range holds its address.'),
  routers: z
    .array(
      strict({
        name: label.describe("The router's name."),
        interfaces: z.array(strict({ segment: label, ip: address })).describe('eth0, eth1, … in this order.'),
        routes: z.array(routeSchema).default([]).describe('Beside those to its own segments.'),
      }),
    )
    .default([])
    .describe('Machines that join segments.'),
  firewall: later('firewalls'),
});

const internet = strict({
  gateway: strict({
    ip: address.describe("The nodes' default route."),
    publicIP: later("the gateway's NAT (publicIP)"),
    nat: later("the gateway's NAT (nat)"),
  }).describe('The way out.'),
  clients: later('outside clients'),
});

const expectation = strict({
  name: z.string().optional().describe('What is expected, in words.'),
  from: z.string().describe('The source, as on the command line.'),
  to: z.string().describe('The destination, as on the command line.'),
  outcome: oneOf(['delivered', 'dropped', 'rejected', 'exits', 'looped', 'undetermined', 'mixed']).describe('What a trace says.'),
});

export const topologySchema = strict({
  apiVersion: z.literal('k8s-trace/v1', { error: 'expected k8s-trace/v1' }).describe('The version of this format.'),
  kind: z.literal('Topology').describe('Topology.'),
  cluster: cluster.describe('What holds for all nodes.'),
  nodes: z.array(node).min(1, { error: 'a cluster has at least one node' }).describe('The machines.'),
  pods: z.array(pod).default([]).describe('The pods.'),
  services: z.array(service).default([]).describe('The services.'),
  endpoints: z.array(endpoints).default([]).describe('Endpoints that are stated instead of selected, as in EndpointSlices.'),
  namespaces: later('namespaces'),
  ingresses: later('ingresses'),
  networkPolicies: later('network policies'),
  underlay: underlay.optional().describe('The network between the nodes; left out, one switch with all on it.'),
  internet: internet.optional().describe('The world outside.'),
  expect: z.array(expectation).default([]).describe('What `check` will verify.'),
}).meta({ title: 'k8s-trace topology' });

export type TopologyForm = z.output<typeof topologySchema>;
export type NodeForm = TopologyForm['nodes'][number];
export type PodForm = TopologyForm['pods'][number];
export type ServiceForm = TopologyForm['services'][number];
export type EndpointsForm = TopologyForm['endpoints'][number];
export type StatedForm = Pick<PodForm, keyof typeof stateds>;
