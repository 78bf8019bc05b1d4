import type { PolicyDecision, PolicyDirection, PolicyPacket, PolicyVerdict } from '../../../src/datapath/policy-point.ts';
import { podAt } from '../../../src/k8s/address-index.ts';
import type { Cluster } from '../../../src/k8s/cluster.ts';
import { podIp } from '../../../src/k8s/families.ts';
import type { Pod } from '../../../src/k8s/pod.ts';
import type { Enforcer } from '../../../src/k8s/policy/enforcer.ts';
import { type PolicyIndex, policyIndex } from '../../../src/k8s/policy/index.ts';
import { familyOf, type IpAddress, parseAddress } from '../../../src/net/address.ts';
import type { Protocol } from '../../../src/net/packet.ts';
import { networkOf } from '../../tracing.ts';

/** Clusters to ask policies about, without a path: both ends' decisions as they are, one question a line, as `x/a > y/b tcp 80`. */
export interface World {
  readonly cluster: Cluster;
  readonly index: PolicyIndex;
}

/** As the API's words have it, and most enforcers: address blocks match whoever has the address. */
const BY_THE_API: Pick<Enforcer, 'name' | 'networksMatch'> = { name: 'calico', networksMatch: { pods: true, nodes: true } };

export function worldOf(text: string, enforcer = BY_THE_API): World {
  const { cluster } = networkOf(text);
  return { cluster, index: policyIndex(cluster, cluster.policies, enforcer) };
}

interface End {
  readonly pod: Pod | null;
  readonly address: IpAddress;
}

interface Flow {
  readonly from: End;
  readonly to: End;
  readonly packet: PolicyPacket;
}

function flowOf({ cluster }: World, question: string): Flow {
  const [source = '', , destination = '', protocol = '', port] = question.split(' ');
  const family = [source, destination].some((t) => t.includes(':')) ? 'IPv6' : 'IPv4';
  const endOf = (text: string): End => {
    const asAddress = parseAddress(text);
    const pod = cluster.pods.get(text) ?? (asAddress === null ? null : podAt(cluster, asAddress));
    const node = cluster.nodes.get(pod?.hostNetwork ? (pod.node ?? '') : text);
    const nodeAddress = node?.addresses.find((a) => a.type === 'InternalIP');
    const address = nodeAddress?.type === 'InternalIP' ? nodeAddress.address : pod === null ? parseAddress(text) : podIp(pod, family);
    if (address === null) throw new Error(`${question}: ${text} has no ${family} address`);
    return { pod, address };
  };
  const [from, to] = [endOf(source), endOf(destination)];
  if (familyOf(from.address) !== familyOf(to.address)) throw new Error(`${question}: two families`);
  const packet: PolicyPacket = {
    protocol: protocol as Protocol,
    source: from.address,
    destination: to.address,
    destinationPort: port === undefined ? null : Number(port),
    calledPort: null,
    fromWorld: false,
  };
  return { from, to, packet };
}

/** What one end says; null: there is nobody to ask. */
export function decide(world: World, question: string, direction: PolicyDirection): PolicyDecision | null {
  const { from, to, packet } = flowOf(world, question);
  const { pod } = direction === 'egress' ? from : to;
  return pod === null ? null : world.index.decide(pod, direction, packet);
}

/** Both ends: one that denies is enough. What a pod sends to itself is never asked about. */
export function ask(world: World, question: string): Exclude<PolicyVerdict, 'none'> {
  const [source, , destination] = question.split(' ');
  if (source === destination) return 'allow';
  const verdicts = [decide(world, question, 'egress')?.verdict, decide(world, question, 'ingress')?.verdict];
  if (verdicts.includes('deny')) return 'deny';
  return verdicts.includes('unknown') ? 'unknown' : 'allow';
}
