import type { PolicyDecider } from '../datapath/policy-point.ts';
import { key } from '../k8s/pod.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { DirectionReach, PeerReach, PodReach } from '../reach/index.ts';
import type { PortsVerdict } from '../reach/ports.ts';
import { locate } from './locate.ts';
import { deciderDocument, selectedDocument } from './policy-hop.ts';
import type { PolicyDirectionDocument, PolicyDocument, PolicyPeerDocument } from './policy-schema.ts';

/** What policies let reach a pod and what they let it reach, as the JSON has it. */
export function podPolicyDocument({ pod, cluster, ingress, egress }: PodReach): PolicyDocument {
  return {
    schemaVersion: 1,
    pod: key(pod),
    hostNetwork: pod.hostNetwork,
    node: pod.node,
    enforcedBy: cluster.enforcer.name,
    ingress: directionDocument(ingress),
    egress: directionDocument(egress),
  };
}

const directionDocument = ({ selected, ignored, unread, peers }: DirectionReach): PolicyDirectionDocument => ({
  isolated: selected.some((p) => p.kind === 'NetworkPolicy'),
  selected: selected.map(selectedDocument),
  ignored: ignored.map(selectedDocument),
  unread: unread.map(({ kind, namespace, name, locus }) => ({ kind, namespace, name, source: locate(locus) })),
  peers: peers.flatMap(peerDocuments),
});

function peerDocuments(reach: PeerReach): readonly PolicyPeerDocument[] {
  const { family } = reach;
  const rows = reach.rows.map(rowDocument);
  if (!('group' in reach)) {
    const cidrs = reach.cidrs.map(formatPrefix);
    return rows.map((row) => ({ cidrs, family, ...row }));
  }
  const group = { ...reach.group, members: [...reach.members] };
  return rows.map((row) => ({ group, family, ...row }));
}

/** Many peers have one row. */
const ROWS = new WeakMap<PortsVerdict, ReturnType<typeof newRow>>();

function rowDocument(row: PortsVerdict): ReturnType<typeof newRow> {
  const known = ROWS.get(row) ?? newRow(row);
  ROWS.set(row, known);
  return known;
}

const newRow = ({ protocol, ports, verdict, blockedAt, decidedBy, peerDecidedBy, missing }: PortsVerdict) => ({
  protocol,
  ports: ports.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)),
  verdict,
  blockedAt,
  decidedBy: orNull(decidedBy),
  peerDecidedBy: orNull(peerDecidedBy),
  missing: missing === null ? null : { text: missing.text, command: missing.command },
});

const orNull = (decider: PolicyDecider | null) => (decider === null ? null : deciderDocument(decider));
