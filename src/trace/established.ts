import type { Connection, Connections } from '../datapath/conntrack.ts';
import type { FoundConnection } from '../datapath/found-state.ts';
import type { Datapath } from '../datapath/netns.ts';
import type { Network } from '../k8s/compiled-network.ts';
import type { Established } from '../k8s/established.ts';
import { familyOf, formatEndpoint, type IpAddress } from '../net/address.ts';
import { invert, type Tuple, type WireProtocol } from '../net/packet.ts';
import type { Question, Request } from '../query/question.ts';
import { fail, type Parsed } from '../query/result.ts';

/** The questions about the connections that stand already between the same ends; an error, where nodes know none. */
export function aboutEstablished(network: Network, request: Request, questions: readonly Question[]): Parsed<readonly Question[]> {
  const clash = contradiction(request, questions);
  if (clash !== null) return clash;
  const known = knownConnections(network);
  if (known === null)
    return fail('--established: no conntrack state of any node is given', 'add what conntrack -L prints there, with --node-state');
  const asked = questions.flatMap((question) => {
    const established = known.between(question);
    return established.length === 0 ? [] : [{ ...question, established }];
  });
  return asked.length > 0 ? { ok: true, value: asked } : none(request, questions, known.all);
}

function contradiction(request: Request, questions: readonly Question[]) {
  if (questions.some((q) => q.over !== 'network')) return fail('--established is about packets, and --over sends none');
  if (questions.some((q) => q.http !== null))
    return fail('--established is about one connection, and a URL that a controller answers for is two', 'ask from and to the controller');
  if (request.withDns === true) return fail('--established: the name was looked up long ago', 'leave --with-dns out');
  return request.size === undefined
    ? null
    : fail('--established: how large packets are was agreed when the connection was made', 'leave --size out');
}

/** As many as a message has room for. */
const FEW = 5;

/** No connection fits: what there is from the same source, or else to the same destination. */
function none(request: Request, questions: readonly Question[], all: readonly FoundConnection[]) {
  const sources = new Set(questions.map((q) => q.source.ip));
  const called = new Set(questions.flatMap((q) => q.target.addresses));
  const from = all.filter((c) => sources.has(c.connection.original.source));
  const to = all.filter((c) => called.has(c.connection.original.destination));
  const [which, near] = from.length > 0 ? [`from ${request.source}`, from] : [`to ${request.destination}`, to];
  const shown = [...new Set(near.map(entryText))];
  const rest = shown.length > FEW ? `, and ${shown.length - FEW} more` : '';
  const hint = shown.length === 0 ? noneOf(all) : `${which} there are ${shown.slice(0, FEW).join(', ')}${rest}`;
  return fail(`--established: no node knows a connection from ${request.source} to ${request.destination}${portOf(questions)}`, hint);
}

const entryText = (found: FoundConnection): string =>
  `${tupleText(found.connection.original)}${isEstablished(found) ? '' : ` (${found.state}: not established)`}`;

const noneOf = ({ length }: readonly FoundConnection[]): string =>
  length === 0
    ? 'nodes know none in zone 0, where packets are looked for'
    : `none of the ${length} connections that nodes know is of either end`;

function portOf([question]: readonly Question[]): string {
  if (question === undefined || question.target.port === null) return '';
  return ` (port ${question.target.port}/${question.target.protocol})`;
}

const tupleText = (t: Tuple<WireProtocol>): string =>
  `${t.protocol} ${formatEndpoint(t.source, t.sourcePort)} > ${formatEndpoint(t.destination, t.destinationPort)}`;

interface Known {
  readonly all: readonly FoundConnection[];
  readonly between: (question: Question) => readonly Established[];
}

/** Those of zone 0, where packets are looked for; null: no node has any state. */
function knownConnections({ cluster, datapath }: Network): Known | null {
  const states = [...cluster.nodes.values()].flatMap((n) => n.found?.connections ?? []);
  const isGiven = [...cluster.nodes.values()].some((n) => n.found?.connections != null);
  if (!isGiven) return null;
  const all = states.filter((c) => c.zone === 0);
  const byTuple = new Map<string, FoundConnection[]>();
  for (const found of all)
    for (const tuple of [found.connection.original, found.connection.reply]) {
      const key = tupleText(tuple);
      byTuple.set(key, [...(byTuple.get(key) ?? []), found]);
    }
  return { all, between: (question) => kindsOf(question, datapath, all, byTuple) };
}

type ByTuple = ReadonlyMap<string, readonly FoundConnection[]>;

function kindsOf(question: Question, datapath: Datapath, all: readonly FoundConnection[], byTuple: ByTuple): readonly Established[] {
  const { target } = question;
  const own = sourcesOf(question, datapath);
  const tuples = new Map<string, Tuple<WireProtocol>>();
  for (const found of all) {
    const { original } = found.connection;
    const fits =
      isEstablished(found) &&
      own.has(original.source) &&
      target.addresses.includes(original.destination) &&
      original.protocol === target.protocol &&
      (target.protocol === 'icmp' || original.destinationPort === target.port);
    if (fits) tuples.set(tupleText(original), original);
  }
  const kinds = new Map<string, { readonly tuple: Tuple<WireProtocol>; readonly entries: readonly FoundConnection[]; count: number }>();
  for (const tuple of tuples.values()) {
    const entries = alongTheWay(tuple, byTuple);
    const kind = [tuple.source, tuple.destination, ...entries.map(kindOf)].join('; ');
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, { tuple, entries, count: 1 });
    else known.count++;
  }
  return [...kinds.values()].flatMap(({ tuple, entries, count }) => {
    const connections = listOf(entries.map((e) => asTracked(datapath, e)));
    const { source: from, destination, sourcePort } = tuple;
    return connections === null ? [] : [{ source: from, destination, sourcePort, connections, share: count / tuples.size }];
  });
}

/** What comes from beyond a machine, or from a program that has chosen its address, has that address and none of the machine's others. */
function sourcesOf({ source }: Question, datapath: Datapath): ReadonlySet<IpAddress> {
  const isOne = source.enters !== undefined || source.isBound === true;
  return new Set([source.ip, ...(isOne ? [] : addressesOf(datapath, source.netns))]);
}

/**
 * May data come by it? Before and after that, TCP's entries are there as well. Those of UDP have no such states: one that nobody has answered yet
 * keeps its destination, too.
 */
const isEstablished = ({ connection: { tcp } }: FoundConnection): boolean => tcp === 'established' || tcp === 'none';

const addressesOf = (datapath: Datapath, name: string) =>
  [...(datapath.netns(name)?.devices.values() ?? [])].flatMap((d) => d.addresses.map((a) => a.address));

/** The entries of all nodes that see the packet, each as the one before has translated it. */
function alongTheWay(first: Tuple<WireProtocol>, byTuple: ByTuple): readonly FoundConnection[] {
  const entries = new Set<FoundConnection>();
  const seen = new Set<string>();
  const waiting = [first];
  for (let tuple = waiting.pop(); tuple !== undefined; tuple = waiting.pop()) {
    const key = tupleText(tuple);
    if (seen.has(key)) continue;
    seen.add(key);
    for (const entry of byTuple.get(key) ?? []) {
      entries.add(entry);
      const { original, reply } = entry.connection;
      waiting.push(tupleText(original) === key ? invert(reply) : invert(original));
    }
  }
  return [...entries];
}

/** All that the walk sees of an entry but the ports that its source has and gets. */
function kindOf({ connection: { netns, original, reply, mark, tcp, seenReply } }: FoundConnection): string {
  return [
    netns,
    original.destination,
    original.destinationPort,
    reply.source,
    reply.sourcePort,
    reply.destination,
    mark,
    tcp,
    seenReply,
  ].join(' ');
}

/** What IPVS has chosen, IPVS gives to each packet anew. */
function asTracked(datapath: Datapath, { connection, origin }: FoundConnection): Connection {
  const { netns, original, reply } = connection;
  const servers = datapath.netns(netns)?.rulesets[familyOf(original.destination)].ipvs?.servers;
  const isTranslated = original.destination !== reply.source || original.destinationPort !== reply.sourcePort;
  const balanced = isTranslated && (servers?.candidates(original).length ?? 0) > 0;
  return { ...connection, balanced, origin };
}

function listOf(entries: readonly Connection[]): Connections | null {
  let list: Connections | null = null;
  for (const entry of entries) list = { entry, older: list };
  return list;
}
