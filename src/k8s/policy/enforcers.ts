import type { EnforcerName } from './enforcement.ts';
import type { Enforcer } from './enforcer.ts';
import type { PolicyKind } from './policy.ts';

type Profile = Omit<Enforcer, 'name'>;

/** As the API has it: `ipBlock` is about addresses, whoever has them. */
const ALL_ADDRESSES = { pods: true, nodes: true } as const;

/** What most have in common. */
const HOOKS = {
  place: 'hooks',
  asksAtInput: true,
  refuses: 'drop',
  networksMatch: ALL_ADDRESSES,
  hairpin: 'unknown',
  since: {},
  until: {},
} as const;
const DEVICE = { ...HOOKS, place: 'device', asksAtInput: false } as const;

/** As the authors of each have it in their sources and documentation. Where they say nothing of a pod that calls itself by a service, it is not known. */
const PROFILES: Readonly<Record<Exclude<EnforcerName, 'none'>, Profile>> = {
  // cali-FORWARD is put first (ChainInsertMode Insert), and its chains end in DROP. A hairpin is kept out (cilium/cilium issue 13767 compares them).
  // Versions: release notes of v3.29.0 (pull request 9206), v3.30.0 (9464) and v3.32.0, which takes ClusterNetworkPolicies in the place of the older kinds.
  calico: {
    ...HOOKS,
    hairpin: 'judged',
    since: { AdminNetworkPolicy: '3.29', BaselineAdminNetworkPolicy: '3.30', ClusterNetworkPolicy: '3.32' },
    until: { AdminNetworkPolicy: '3.32', BaselineAdminNetworkPolicy: '3.32' },
  },
  // Identities come before CIDRs, which match neither pods nor nodes unless policy-cidr-match-mode says so (Documentation/security/policy/language.rst);
  // policies are skipped for a hairpin (pull request 15321).
  cilium: { ...DEVICE, networksMatch: { pods: false, nodes: false }, hairpin: 'passes' },
  // A pod's chain is jumped to from KUBE-ROUTER-FORWARD, -INPUT and -OUTPUT, and ends in REJECT, whose default is an ICMP error of the port; bridged
  // frames have jumps of their own, and sources of the type LOCAL are let in first. Source: pkg/controllers/netpol/pod.go.
  'kube-router': { ...HOOKS, refuses: { IPv4: 'icmp-port-unreachable', IPv6: 'icmp6-port-unreachable' } },
  // The jump to AZURE-NPM is the first rule of FORWARD, for new connections; versions before 1.4.32 put it behind kube-proxy's. There is none in INPUT.
  // Source: npm/pkg/dataplane/policies/chain-management_linux.go.
  'azure-npm': { ...HOOKS, asksAtInput: false },
  // OVS tables behind AntreaProxy's translation. A hairpin passes on its way in, since 1.14.1 (pull requests 5687, 5743). The kinds are behind feature
  // gates: docs/admin-network-policy.md, docs/cluster-network-policy.md.
  antrea: {
    ...DEVICE,
    hairpin: 'judged-out',
    since: { AdminNetworkPolicy: '1.13', BaselineAdminNetworkPolicy: '1.13', ClusterNetworkPolicy: '2.7' },
  },
  // The first packet of a connection is queued to a program: in POSTROUTING (priority srcnat - 5), and, to the node itself, in INPUT behind IPVS. What is
  // forwarded has the same addresses in FORWARD. Source: pkg/dataplane/controller.go.
  'kube-network-policies': HOOKS,
  // BPF on the host's end of the veth pair. It sees ClusterIPs, but its controller adds those of the services that a rule's pods are behind, so that the
  // answer is that of the pod. Not checked: pkg/resolvers/endpoints.go of aws/amazon-network-policy-controller-k8s.
  'aws-network-policy-agent': DEVICE,
  // WEAVE-NPC-EGRESS is jumped to from INPUT and FORWARD for what comes from the bridge, WEAVE-NPC from FORWARD for what goes to it; they end in DROP.
  // Source: weave-npc's design document on its chains, npc/constants.go.
  'weave-npc': HOOKS,
  // ACLs of the pod's logical port, behind the load balancers; the addresses that stand for a hairpin are let through both ways. Source: addHairpinAllowACL,
  // go-controller/pkg/ovn.
  'ovn-kubernetes': { ...DEVICE, hairpin: 'passes' },
};

export const enforcerNamed = (name: Exclude<EnforcerName, 'none'>): Enforcer => ({ name, ...PROFILES[name] });

/** What any enforcer might do: for a cluster of which nobody knows who enforces. */
export const ANY_ENFORCER: Enforcer = { ...HOOKS, name: 'whoever enforces policies here' };

/** Null: the version is not known, and takes all kinds. */
export function takes({ since, until }: Enforcer, version: string | null, kind: PolicyKind): boolean {
  if (version === null) return true;
  const [first, end] = [since[kind], until[kind]];
  return (first === undefined || !isOlder(version, first)) && (end === undefined || isOlder(version, end));
}

/** Is a version, as `3.28.1` or `v3.28`, before another? By its numbers. */
export function isOlder(version: string, since: string): boolean {
  const numbers = (text: string) => (text.match(/\d+/g) ?? []).map(Number);
  const [own, first] = [numbers(version), numbers(since)];
  for (const [i, n] of first.entries()) {
    const mine = own[i] ?? 0;
    if (mine !== n) return mine < n;
  }
  return false;
}
