import type { PolicyCandidate, PolicyDirection, PolicyPacket } from '../datapath/policy-point.ts';
import { policyText } from '../hop/policy-names.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Pod } from '../k8s/pod.ts';
import type { Party } from '../k8s/policy/party.ts';
import type { Policy, PolicyRule } from '../k8s/policy/policy.ts';
import { append, type Edit, insert, set } from '../source/edit.ts';
import { flowStyle } from '../source/flow-style.ts';
import { at, type Locus, parentOf } from '../source/origin.ts';
import { peersField, peerTerm, portTerms, ruleTerm } from './policy-terms.ts';
import { place } from './scene.ts';

/** A packet that policies keep from passing, and the policies that are about its pod. */
export interface Kept {
  readonly cluster: Cluster;
  readonly direction: PolicyDirection;
  readonly pod: Pod;
  readonly packet: PolicyPacket;
  /** The party at the other end. */
  readonly party: Party;
  /** In the order of evaluation. */
  readonly selecting: readonly Policy[];
  /** Is it a look-up of a name? */
  readonly isDns: boolean;
}

/** A change of one policy: in words, of the input, and as it is meant. */
export interface Change {
  readonly words: string;
  readonly edits: readonly Edit[];
  /** Null: there is one more. */
  readonly from: Policy | null;
  readonly to: Policy;
  /** The policy says as much, only with another port: true. */
  readonly isMeant?: boolean;
  /** The rule lists no ports: true. */
  readonly opensAllPorts?: boolean;
}

const rulesOf = (policy: Policy, direction: PolicyDirection): readonly PolicyRule[] => policy[direction] ?? [];

const withRules = (policy: Policy, direction: PolicyDirection, rules: readonly PolicyRule[]): Policy => ({ ...policy, [direction]: rules });

/** Where a policy's rules stand: a NetworkPolicy knows its own fields, whichever form it is written in. */
const listOf = (policy: Policy, direction: PolicyDirection): Locus =>
  policy.kind === 'NetworkPolicy' ? at(policy.locus, direction) : at(policy.locus, 'spec', direction);

/** The rule that a candidate is, with one more port, or with the port that the pod has instead of the service's. */
export function morePorts(kept: Kept, { policy: ref, rule: index }: PolicyCandidate): readonly Change[] {
  const policy = kept.selecting.find((p) => p === ref);
  const rule = policy === undefined ? undefined : rulesOf(policy, kept.direction)[index];
  if (policy === undefined || rule === undefined || rule.ports === null) return [];
  const terms = portTerms(policy, kept.packet, kept.isDns);
  if (terms === null) return [];
  const where = `${kept.direction}[${index}] of ${policyText(policy)}`;
  const wrong = isServicesOwn(kept, policy) ? rule.ports.findIndex((p) => isCalled(p.port, p.protocol, kept.packet)) : -1;
  const [first] = terms;
  const port = rule.ports[wrong];
  if (port !== undefined && first !== undefined && policy.kind === 'NetworkPolicy') {
    const { calledPort, destinationPort } = kept.packet;
    const to = replaced(policy, kept.direction, index, { ...rule, ports: rule.ports.with(wrong, first.meant) });
    const words = `state port ${destinationPort}, which the pod gets, instead of ${calledPort}, which is the service's, in ports[${wrong}] of ${where} (${place(port.locus)})`;
    return [{ words, edits: [set(at(port.locus, 'port'), destinationPort ?? 0)], from: policy, to, isMeant: true }];
  }
  const list = at(rule.locus, policy.kind === 'ClusterNetworkPolicy' ? 'protocols' : 'ports');
  const missing = terms.filter((t) => rule.ports?.every((p) => !samePort(p, t.meant)));
  const to = replaced(policy, kept.direction, index, { ...rule, ports: [...rule.ports, ...missing.map((t) => t.meant)] });
  const words = `add ${missing.map((t) => flowStyle(t.value)).join(' and ')} to the ports of ${where} (${place(rule.locus)})`;
  const isMeant = rule.ports.some((p) => isCalled(p.port, p.protocol, kept.packet));
  return [{ words, edits: missing.map((t) => append(list, t.value)), from: policy, to, isMeant }];
}

type Ports = NonNullable<PolicyRule['ports']>[number];

const samePort = (a: Ports, b: Ports): boolean => a.protocol === b.protocol && JSON.stringify(a.port) === JSON.stringify(b.port);

const isCalled = (port: Ports['port'], protocol: Ports['protocol'], packet: PolicyPacket): boolean =>
  port !== null &&
  'first' in port &&
  port.first === port.last &&
  port.first === packet.calledPort &&
  (protocol === null || protocol === packet.protocol);

/** Nothing that the policy is about listens on the port that was called, as far as that is stated: it is the service's own. */
function isServicesOwn({ cluster, direction, packet }: Kept, policy: Policy): boolean {
  if (direction === 'egress' || packet.calledPort === null) return false;
  const near = [...cluster.pods.values()].filter((p) => p.namespace === policy.namespace);
  return near.every((p) => {
    const ports = p.containers.flatMap((c) => c.ports);
    return ports.length > 0 && ports.every((one) => one.port !== packet.calledPort);
  });
}

const replaced = (policy: Policy, direction: PolicyDirection, index: number, rule: PolicyRule): Policy =>
  withRules(policy, direction, rulesOf(policy, direction).with(index, rule));

/** The rule that a candidate is, with one more peer. */
export function morePeers(kept: Kept, { policy: ref, rule: index }: PolicyCandidate): readonly Change[] {
  const policy = kept.selecting.find((p) => p === ref);
  const rule = policy === undefined ? undefined : rulesOf(policy, kept.direction)[index];
  if (policy === undefined || rule === undefined || rule.peers === null) return [];
  const term = peerTerm(kept.cluster, policy, kept.party);
  if (term === null) return [];
  const field = peersField(kept.direction);
  const to = replaced(policy, kept.direction, index, { ...rule, peers: [...rule.peers, term.meant] });
  const words = `add ${flowStyle(term.value)} to ${kept.direction}[${index}].${field} of ${policyText(policy)} (${place(rule.locus)})`;
  const opensAllPorts = rule.ports === null && kept.packet.destinationPort !== null;
  return [{ words, edits: [append(at(rule.locus, field), term.value)], from: policy, to, opensAllPorts }];
}

/** One more rule in a NetworkPolicy that isolates the pod. `toAnybody`: where nothing names the other end. */
export function moreRules(kept: Kept, policy: Policy, toAnybody: boolean): readonly Change[] {
  const peer = toAnybody ? null : peerTerm(kept.cluster, policy, kept.party);
  if (peer === null && !toAnybody) return [];
  const rule = ruleTerm(policy, kept.direction, 'allow', peer, portTerms(policy, kept.packet, kept.isDns));
  const to = withRules(policy, kept.direction, [...rulesOf(policy, kept.direction), rule.meant]);
  const words = `add the ${kept.direction} rule ${flowStyle(rule.value)} to ${policyText(policy)} (${place(policy.locus)})`;
  return [{ words, edits: [append(listOf(policy, kept.direction), rule.value)], from: policy, to }];
}

/** A rule of a policy of the administrators, before the one that denies. */
export function ruleBefore(kept: Kept, policy: Policy, index: number, action: 'allow' | 'pass'): readonly Change[] {
  const peer = peerTerm(kept.cluster, policy, kept.party);
  if (peer === null || (action === 'pass' && policy.kind === 'BaselineAdminNetworkPolicy')) return [];
  const rules = rulesOf(policy, kept.direction);
  const denying = rules[index];
  if (denying === undefined) return [];
  const rule = ruleTerm(policy, kept.direction, action, peer, portTerms(policy, kept.packet, kept.isDns));
  const to = withRules(policy, kept.direction, rules.toSpliced(index, 0, rule.meant));
  const words = `have the administrators put ${flowStyle(rule.value)} before ${kept.direction}[${index}] of ${policyText(policy)}, which is the whole cluster's (${place(denying.locus)})`;
  return [{ words, edits: [insert(parentOf(denying.locus), index, rule.value)], from: policy, to }];
}
