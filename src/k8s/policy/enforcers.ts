import type { EnforcerName } from './enforcement.ts';
import type { Enforcer } from './enforcer.ts';
import type { PolicyKind } from './policy.ts';

type Profile = Omit<Enforcer, 'name'>;

/** As the API has it: `ipBlock` is about addresses, whoever has them. */
const ALL_ADDRESSES = { pods: true, nodes: true } as const;

/** As the authors of each have it in their sources and documentation. Where they say nothing of a pod that calls itself by a service, it is not known. */
const PROFILES: Readonly<Record<Exclude<EnforcerName, 'none'>, Profile>> = {
  // cali-FORWARD is put first (ChainInsertMode Insert), and its chains end in DROP; a hairpin passes both of the pod's chains. Versions: the release notes.
  // Source: felix/rules/dispatch.go, felix/rules/endpoints.go.
  calico: {
    place: 'hooks',
    refuses: 'drop',
    networksMatch: ALL_ADDRESSES,
    hairpin: 'judged',
    since: { AdminNetworkPolicy: '3.29', BaselineAdminNetworkPolicy: '3.30', ClusterNetworkPolicy: '3.32' },
  },
  // Identities come before CIDRs, which match neither pods nor nodes unless policy-cidr-match-mode says so; a hairpin's loopback address is let through.
  // Source: Documentation/security/policy/language.rst, bpf/bpf_lxc.c.
  cilium: { place: 'device', refuses: 'drop', networksMatch: { pods: false, nodes: false }, hairpin: 'passes', since: {} },
  // KUBE-ROUTER-FORWARD, -INPUT and -OUTPUT are put first, and a pod's chain ends in REJECT --reject-with icmp-port-unreachable.
  // Source: pkg/controllers/netpol/network_policy_controller.go and pod.go.
  'kube-router': {
    place: 'hooks',
    refuses: { IPv4: 'icmp-port-unreachable', IPv6: 'icmp6-port-unreachable' },
    networksMatch: ALL_ADDRESSES,
    hairpin: 'unknown',
    since: {},
  },
  // AZURE-NPM ends in DROP. It stands behind kube-proxy's jumps in FORWARD, which refuse only what has no endpoint. Source: npm/pkg/dataplane/policies/chain-management_linux.go.
  'azure-npm': { place: 'hooks', refuses: 'drop', networksMatch: ALL_ADDRESSES, hairpin: 'unknown', since: {} },
  // OVS tables behind AntreaProxy's translation; what a pod sends to itself by a service is let through. Source: docs/design/ovs-pipeline.md, pull request 5687.
  antrea: {
    place: 'device',
    refuses: 'drop',
    networksMatch: ALL_ADDRESSES,
    hairpin: 'passes',
    since: { AdminNetworkPolicy: '1.13', BaselineAdminNetworkPolicy: '1.13', ClusterNetworkPolicy: '2.7' },
  },
  // The first packet of a connection is queued to a program, after DNAT and before a masquerade. Source: pkg/dataplane/controller.go.
  'kube-network-policies': { place: 'hooks', refuses: 'drop', networksMatch: ALL_ADDRESSES, hairpin: 'unknown', since: {} },
  // BPF on the host's end of the veth pair. It sees ClusterIPs, but its controller adds those of the services that a rule's pods are behind, so that the
  // answer is that of the pod. Source: aws/amazon-network-policy-controller-k8s, pkg/resolvers/endpoints.go.
  'aws-network-policy-agent': { place: 'device', refuses: 'drop', networksMatch: ALL_ADDRESSES, hairpin: 'unknown', since: {} },
  // WEAVE-NPC and WEAVE-NPC-EGRESS in FORWARD, then DROP. Source: weaveworks/weave, site/operational-guide/npc.md, npc/constants.go.
  'weave-npc': { place: 'hooks', refuses: 'drop', networksMatch: ALL_ADDRESSES, hairpin: 'unknown', since: {} },
  // ACLs of the pod's logical port, behind the load balancers; a hairpin of one is let through. Source: ovn-kubernetes, docs/features/network-security-controls.
  'ovn-kubernetes': { place: 'device', refuses: 'drop', networksMatch: ALL_ADDRESSES, hairpin: 'passes', since: {} },
};

export const enforcerNamed = (name: Exclude<EnforcerName, 'none'>): Enforcer => ({ name, ...PROFILES[name] });

/** What any enforcer might do: for a cluster of which nobody knows who enforces. */
export const ANY_ENFORCER: Enforcer = {
  name: 'whoever enforces policies here',
  place: 'hooks',
  refuses: 'drop',
  networksMatch: ALL_ADDRESSES,
  hairpin: 'unknown',
  since: {},
};

/** Null: the version is not known, and takes all kinds. */
export const takes = ({ since }: Enforcer, version: string | null, kind: PolicyKind): boolean =>
  version === null || !isOlder(version, since[kind] ?? null);

/** Is a version, as `3.28.1` or `v3.28`, before another? By its numbers; null: nothing is. */
function isOlder(version: string, since: string | null): boolean {
  if (since === null) return false;
  const numbers = (text: string) => (text.match(/\d+/g) ?? []).map(Number);
  const [own, first] = [numbers(version), numbers(since)];
  for (const [i, n] of first.entries()) {
    const mine = own[i] ?? 0;
    if (mine !== n) return mine < n;
  }
  return false;
}
