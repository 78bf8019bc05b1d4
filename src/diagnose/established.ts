import type { Connection, Connections } from '../datapath/conntrack.ts';
import { isDnatted } from '../datapath/conntrack.ts';
import type { Code } from '../hop/code.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Established } from '../k8s/established.ts';
import { formatAddress, formatEndpoint } from '../net/address.ts';
import type { FlowPath } from '../walk/flow-path.ts';
import type { Assumption } from './assumption.ts';
import type { Context } from './context.ts';
import { advised, type Fix } from './remedy.ts';
import { walksOf } from './walks.ts';

/** Connections that stand already: what nodes know of them, and what they may not know. */
export const establishedNotes = ({ cluster, question }: Context, paths: readonly FlowPath[]): readonly Assumption[] =>
  question.established === undefined ? [] : [...question.established.flatMap(known), ...pickedUp(cluster, paths)];

function known({ connections, share }: Established): readonly Assumption[] {
  return entriesOf(connections).map((entry) => {
    const { netns, original, reply, origin } = entry;
    const from = `${original.protocol} ${formatEndpoint(original.source, original.sourcePort)} > ${formatEndpoint(original.destination, original.destinationPort)}`;
    const to = isDnatted(entry)
      ? `with ${formatEndpoint(reply.source, reply.sourcePort)} as its destination`
      : 'with the destination that it has';
    const others = share < 1 ? `, one like ${Math.round(share * 100)} % of those that were asked about` : '';
    return { message: `${netns} knows the connection ${from}, ${to}${others}`, locus: origin?.locus ?? null };
  });
}

function entriesOf(connections: Connections): readonly Connection[] {
  const entries: Connection[] = [];
  for (let c: Connections | null = connections; c !== null; c = c.older) entries.push(c.entry);
  return entries.reverse();
}

/** Nodes on the way whose connections were not collected: they evaluate their rules as for a new connection (nf_conntrack_tcp_loose). */
function pickedUp({ nodes }: Cluster, paths: readonly FlowPath[]): readonly Assumption[] {
  const met = new Set(paths.flatMap((path) => walksOf(path).flatMap(({ walk }) => walk.hops.map((h) => h.netns))));
  return [...nodes.values()]
    .filter((n) => met.has(n.name) && (n.found === null || n.found.connections === null))
    .map((n) => ({
      message: `${n.name} is taken not to know the connection, and to pick it up where it is: what conntrack -L prints there is not given`,
      locus: null,
    }));
}

/** Failures with an old destination as the cause: the pod is gone, or the service had no endpoints at the time. */
export const BY_OLD_DESTINATION: ReadonlySet<Code> = new Set<Code>([
  'NO_ROUTE',
  'NEIGHBOUR_UNREACHABLE',
  'NOBODY_LISTENS',
  'UNREACHABLE_ROUTE',
]);

/** Null: the connection is a new one, or fails as a new one would. */
export function forget({ question }: Context, { forward }: FlowPath, code: Code): readonly Fix[] | null {
  const sent = forward.hops[0]?.packet;
  if (question.established === undefined || sent === undefined || !BY_OLD_DESTINATION.has(code)) return null;
  const { protocol, source, sourcePort, destination, destinationPort } = sent;
  const mine = question.established.find((e) => e.source === source && e.destination === destination && e.sourcePort === sourcePort);
  const first = mine === undefined ? undefined : entriesOf(mine.connections)[0];
  if (first === undefined || protocol === 'icmp') return null;
  // Only connections with the old destination are deleted.
  const to = `--dport ${destinationPort} --reply-src ${formatAddress(first.reply.source)}`;
  const command = `conntrack -D -p ${protocol} -s ${formatAddress(source)} -d ${formatAddress(destination)} ${to}`;
  const then = protocol === 'udp' ? 'the next packet asks the rules again' : 'the program connects anew';
  return [advised('elsewhere', `let ${first.netns} forget the connection (${command}): ${then}`)];
}
