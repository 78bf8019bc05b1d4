import type { PolicyDecider, PolicyDirection, PolicyPacket, PolicyRef } from '../datapath/policy-point.ts';
import { formatAddress } from '../net/address.ts';
import { named } from '../source/sentence.ts';
import { policiesText, policyText, ruleText } from './policy-names.ts';
import type { Words } from './words.ts';

/** A policy that kept the packet out of a pod, or in it. */
export interface PolicyFacts {
  /** `selected`: all that isolate the pod, and those of other tiers. */
  readonly POLICY_DEFAULT_DENY: Denied & { readonly selected: readonly PolicyRef[] };
  readonly POLICY_EXPLICIT_DENY: Denied & { readonly by: PolicyDecider };
}

interface Denied {
  readonly direction: PolicyDirection;
  /** `namespace/name`. */
  readonly pod: string;
  readonly enforcer: string;
  readonly packet: Omit<PolicyPacket, 'fromWorld'>;
  /** Who is at the other end, as people call it; null: its address is all that is known. */
  readonly other: string | null;
  /** Whose packet it was before a node put its own address into it; null: the same. */
  readonly sender: string | null;
  /** Does the sender hear of it? */
  readonly isTold: boolean;
}

export const policyWords: Words<PolicyFacts> = {
  POLICY_DEFAULT_DENY: ({ selected, ...facts }) => {
    const isolating = selected.filter((p) => p.kind === 'NetworkPolicy');
    const [isolate, theirs] = isolating.length === 1 ? ['isolates', 'its rules allows'] : ['isolate', 'their rules allows'];
    return named(
      `${policiesText(isolating)} ${isolate} ${facts.pod} for ${facts.direction}, and none of ${theirs} ${packetText(facts)}: ${fate(facts)}`,
    );
  },
  POLICY_EXPLICIT_DENY: ({ by, ...facts }) =>
    named(`${policyText(by.policy)} denies ${packetText(facts)} (${ruleText(by, facts.direction)}): ${fate(facts)}`),
};

/** `tcp from 10.244.1.10 to shop/web-1 port 8080`, `udp from shop/web-1 to 10.244.0.2 port 53`. */
function packetText({ direction, pod, packet, other, sender }: Denied): string {
  const { protocol, source, destination, destinationPort } = packet;
  const peer = other ?? formatAddress(direction === 'ingress' ? source : destination);
  const [from, to] = direction === 'ingress' ? [`${peer}${sender === null ? '' : `, as which ${sender} arrives,`}`, pod] : [pod, peer];
  return `${protocol} from ${from} to ${to}${destinationPort === null ? '' : ` port ${destinationPort}`}`;
}

const fate = ({ enforcer, isTold }: Denied) => `${enforcer} ${isTold ? 'refuses' : 'drops'} it`;
