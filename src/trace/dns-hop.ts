import type { Netns } from '../datapath/netns.ts';
import type { DnsHop } from '../hop/application-hop.ts';
import { type Resolution, recordType } from '../k8s/dns/dns.ts';
import { familyOf } from '../net/address.ts';
import type { Packet } from '../net/packet.ts';
import type { Question } from '../query/question.ts';
import { assumed, inferred, type Origin } from '../source/origin.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import { placeAt } from './place.ts';

/** A path with the look-up of the destination's name before its packet, where it was named by a DNS name. */
export function withLookUp({ resolution }: Question, netns: Netns, path: FlowPath): FlowPath {
  if (resolution === null) return path;
  const { forward } = path;
  const hop = dnsHop(resolution, netns, forward.hops[0]?.packet ?? forward.packet);
  return { ...path, forward: { ...forward, hops: [hop, ...forward.hops] } };
}

function dnsHop(resolution: Resolution, netns: Netns, packet: Packet): DnsHop {
  const { question, family, steps, found } = resolution;
  const answer = found.kind === 'addresses' ? found.addresses : [];
  const [address] = answer;
  return {
    kind: 'dns',
    ...placeAt(netns, packet),
    origin: originOf(resolution, netns),
    question,
    type: recordType(address === undefined ? family : familyOf(address)),
    server: serverOf(resolution),
    steps,
    answer,
  };
}

function serverOf({ from, resolver: { server } }: Resolution): DnsHop['server'] {
  if (from === 'hosts') return null;
  return { name: server.name, address: server.address };
}

/** The place of the thing that has the name; for want of one, that of the client. */
function originOf({ found, resolver, asker }: Resolution, netns: Netns): Origin {
  const granted = resolver.server.assumption !== null;
  if (found.kind === 'addresses') return granted && found.named.kind !== 'hosts' ? assumed(found.origin.locus) : found.origin;
  const locus = asker.kind === 'pod' ? asker.pod.locus : netns.origin.locus;
  return granted || found.kind === 'unknown' ? assumed(locus) : inferred(locus);
}
