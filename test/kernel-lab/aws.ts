import { hashedHostEnd } from '../../src/cni/host-end.ts';
import type { Datapath } from './datapath.ts';
import type { Draft, Machine, PodDraft } from './draft.ts';
import { lan } from './place.ts';

/** Every other pod has an address of its node's first NIC; those of the others are as drawn, on a second one. */
const isPrimary = ({ number }: PodDraft) => number % 2 === 1;

const eni = (pod: PodDraft) => hashedHostEnd('eni', { namespace: 'default', name: pod.name });

const faults: Datapath['faults'] = {
  'rule of an ENI lost': ({ draft, node, index, pick }) => {
    const pod = draft.pods.find((p) => p.node === index && !isPrimary(p));
    node.removedRules.push(
      pick<Record<string, unknown>>({ priority: 1536, from: pod?.ip }, { priority: 1536, from: pod?.ip }, { priority: 512, to: pod?.ip }),
    );
  },
  'rule of the mark lost': ({ node }) => {
    node.removedRules.push({ priority: 1024 });
  },
  'strict rp_filter of the first NIC': ({ node }) => {
    node.sysctls['net.ipv4.conf.eth0.rp_filter'] = 1;
  },
  'strict rp_filter of the second NIC': ({ node }) => {
    node.sysctls['net.ipv4.conf.eth1.rp_filter'] = 1;
  },
  'second NIC down': ({ node, pick }) => {
    node.devices['eth1'] = pick<object>({ up: false }, { mtu: 1300 });
  },
  'forwarding denied': ({ node }) => {
    node.more['firewall'] = { forward: { default: 'deny' } };
  },
};

/** Pods have addresses of NICs, on two networks with a router between them; no node has a range. */
export const AWS: Datapath = {
  name: 'aws-vpc-cni',
  cni: ({ masquerades }) => ({ plugin: 'aws-vpc-cni', ...(masquerades ? {} : { externalSNAT: true }) }),
  hostEnd: eni,
  faults,
  masqueradesItself: true,
  podsKnowRange: false,
  families: ['IPv4'],
  arranged: onNics,
};

const PODS = { segment: 'pods', cidr: '10.244.0.0/16', router: '10.244.255.254' };

function onNics(draft: Draft): Draft {
  const { podCIDR: _, ...cluster } = draft.cluster;
  const first = draft.segments.length > 0 ? draft.segments : [{ name: 'lan-1', cidr: '192.168.1.0/24' }];
  const [router] = draft.routers;
  const interfaces = router?.interfaces ?? [{ segment: 'lan-1', ip: '192.168.1.254' }];
  const moved = new Map(draft.pods.filter(isPrimary).map((p) => [p.ip, primaryIp(draft, p)]));
  return {
    ...draft,
    ownRanges: false,
    cluster: { ...cluster, kubeProxy: { ...(cluster['kubeProxy'] as object), clusterCIDR: '' } },
    nodes: draft.nodes.map((node, i) => ({
      ...elsewhere(node, moved),
      removed: new Set<string>(),
      more: { ...node.more, nics: [{ dev: 'eth1', ip: `10.244.${i + 1}.250` }] },
    })),
    pods: draft.pods.map((pod) => ({
      ...pod,
      ...elsewhere(pod, moved),
      ...(isPrimary(pod) ? {} : { more: { ...pod.more, nic: 'eth1' } }),
    })),
    segments: [...first, { name: PODS.segment, cidr: PODS.cidr }],
    routers: [{ name: 'r1', interfaces: [...interfaces, { segment: PODS.segment, ip: PODS.router }], routes: [] }],
  };
}

const primaryIp = ({ nodes }: Draft, { node, number }: PodDraft) => `${lan(nodes[node] as Machine)}.${130 + 10 * node + number}`;

/** What is said of the addresses that have moved is said of the new ones. */
function elsewhere<M extends Machine & { readonly containers?: unknown }>(machine: M, moved: ReadonlyMap<string, string>): M {
  const inText = (text: string) => text.replace(/\b10\.244\.\d+\.\d+\b/g, (ip) => moved.get(ip) ?? ip);
  const inFields = <T>(fields: T): T => JSON.parse(inText(JSON.stringify(fields))) as T;
  const inMap = <K, V>(map: ReadonlyMap<K, V>): Map<K, V> => new Map(inFields([...map]));
  return {
    ...machine,
    ip: inText(machine.ip),
    routes: machine.routes.map(inFields),
    removedRules: machine.removedRules.map(inFields),
    rules: inMap(machine.rules),
    neighbours: inMap(machine.neighbours),
    addresses: inMap(machine.addresses),
    ...(machine.containers === undefined ? {} : { containers: inFields(machine.containers) }),
  };
}
