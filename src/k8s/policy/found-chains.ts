import type { PolicyDirection } from '../../datapath/policy-point.ts';
import type { EnforcerName } from './enforcement.ts';

/** What an enforcer leaves in the rules of a node, by which a ruleset that was found there is known to judge in its place. */
interface Traces {
  readonly enforcer: Exclude<EnforcerName, 'none'>;
  /** How the names of its chains begin, by what they judge. */
  readonly chains: Readonly<Record<PolicyDirection, readonly string[]>>;
  /** A policy in the comment of a rule: its namespace and name, or its name. */
  readonly comments: readonly RegExp[];
}

/** Antrea, Cilium and OVN-Kubernetes judge elsewhere: their chains do other things. */
const TRACES: readonly Traces[] = [
  {
    // Source: npm/util/const.go of Azure/azure-container-networking, and the rules of its test data.
    enforcer: 'azure-npm',
    chains: { ingress: ['AZURE-NPM-INGRESS'], egress: ['AZURE-NPM-EGRESS'] },
    comments: [/\b(?:IN|E)GRESS-POLICY-(\S+?)-(?:TO|FROM|IN)-/],
  },
  {
    // Chains to and from an endpoint, and of policies. In nft, in its own table, they have the name of their table before them. Source: felix/rules/rule_defs.go.
    enforcer: 'calico',
    chains: {
      ingress: ['cali-tw-', 'cali-pi-', 'filter-cali-tw-', 'filter-cali-pi-'],
      egress: ['cali-fw-', 'cali-po-', 'filter-cali-fw-', 'filter-cali-po-'],
    },
    comments: [/\bPolicy (\S+) (?:in|e)gress\b/],
  },
  {
    // One chain of a pod judges both ways. Source: pkg/controllers/netpol/network_policy_controller.go.
    enforcer: 'kube-router',
    chains: { ingress: ['KUBE-POD-FW-', 'KUBE-NWPLCY-'], egress: ['KUBE-POD-FW-', 'KUBE-NWPLCY-'] },
    comments: [/\brun through nw policy (\S+)/],
  },
  {
    // Source: npc/constants.go of weaveworks/weave.
    enforcer: 'weave-npc',
    chains: { ingress: ['WEAVE-NPC-INGRESS', 'WEAVE-NPC-DEFAULT'], egress: ['WEAVE-NPC-EGRESS'] },
    comments: [],
  },
];

const ANYBODY = /\bpolicy:? ([\w.-]+\/[\w.-]+)/i;

/** The directions in which rules with these chains judge what policies say. */
export function judgedBy(chains: Iterable<string>): ReadonlySet<PolicyDirection> {
  const judged = new Set<PolicyDirection>();
  for (const name of chains)
    for (const { chains: own } of TRACES)
      for (const direction of ['ingress', 'egress'] as const)
        if (own[direction].some((begin) => name.startsWith(begin))) judged.add(direction);
  return judged;
}

/** The enforcer that has chains of this name; null: none is known to. */
export const enforcerBehind = (chain: string): Traces['enforcer'] | null =>
  TRACES.find(({ chains }) => [...chains.ingress, ...chains.egress].some((begin) => chain.startsWith(begin)))?.enforcer ?? null;

/** The policy that a rule's comment names; null: none. Calico has a NetworkPolicy of Kubernetes under a longer name. */
export function policyIn(comment: string): string | null {
  for (const pattern of [...TRACES.flatMap((t) => t.comments), ANYBODY]) {
    const [, name] = pattern.exec(comment) ?? [];
    if (name !== undefined) return name.replace('/knp.default.', '/');
  }
  return null;
}
