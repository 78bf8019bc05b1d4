import type { Connection } from '../../datapath/conntrack.ts';
import type { FoundConnection } from '../../datapath/found-state.ts';
import { parseAddress } from '../../net/address.ts';
import type { Protocol, Tuple } from '../../net/packet.ts';
import { parsePort } from '../../net/port.ts';
import { declaredAt, lineOf, type Reading, type StateText, type Unread } from '../text.ts';

/** Reads the output of `conntrack -L`, or /proc/net/nf_conntrack: the connections that a node tracks. */
export function readConntrack(text: StateText): Reading {
  const connections: FoundConnection[] = [];
  const unread: Unread[] = [];
  const object = `Node/${text.node} conntrack`;
  for (const [i, whole] of text.lines.entries()) {
    const line = whole.trim();
    // The count of entries, which conntrack prints at the end.
    if (line === '' || /^conntrack v\S+ \(conntrack-tools\): \d+ flow entries/.test(line)) continue;
    const locus = lineOf(text, i, object);
    const other = otherForm(line);
    if (other !== null) return { pieces: [], unread: [], faults: [{ locus, message: other, hint: 'conntrack -L' }] };
    const found = entryOf(line);
    if (typeof found === 'string') unread.push({ locus, text: whole, why: found });
    else if (found !== null)
      connections.push({ ...found, connection: { netns: text.node, ...found.connection }, origin: declaredAt(text, i, object) });
  }
  return { pieces: [{ kind: 'connections', connections }], unread, faults: [] };
}

function otherForm(line: string): string | null {
  if (line.startsWith('<?xml') || line.startsWith('<conntrack')) return 'this is XML';
  if (/^\[(NEW|UPDATE|DESTROY)\]/.test(line)) return 'these are events, and no list of connections';
  return line.startsWith('-A -t ') || line.startsWith('-A -u ') ? 'this is the form for conntrack --load-file' : null;
}

type Entry = Omit<FoundConnection, 'connection' | 'origin'> & { readonly connection: Omit<Connection, 'netns'> };

/** The words of one direction: `src=10.244.1.5 dst=10.96.0.10 sport=40000 dport=53`; of a ping, `type=8 code=0 id=7`. */
type Words = ReadonlyMap<string, string>;

/**
 * Reads `tcp 6 86400 ESTABLISHED src=… dst=… sport=… dport=… [UNREPLIED] src=… … [ASSURED] mark=0 use=1`. Null: a connection that no question
 * is about, as of IGMP or of ICMP without an echo; a text: the reason why it is not understood.
 */
function entryOf(line: string): Entry | string | null {
  const words = line.split(/\s+/);
  const family = words[0] === 'ipv4' || words[0] === 'ipv6' ? words.splice(0, 2) : [];
  const [, number = '', ...rest] = words;
  if (!/^\d+$/.test(number) || rest.length === 0)
    return family.length > 0 ? 'it is no connection' : 'it is neither a connection nor a heading';
  const stated = statedIn(rest);
  if (typeof stated === 'string') return stated;
  const { original, reply, flags, state } = stated;
  const protocol = PROTOCOLS.get(number);
  if (protocol === undefined || (protocol === 'icmp' && isNoEcho(original) && isNoEcho(reply)))
    return [original, reply].every(hasAddresses) ? null : 'it has not all addresses';
  const [there, back] = [tupleOf(protocol, original), tupleOf(protocol, reply)];
  if (there === null || back === null) return 'it has not all addresses and ports';
  const mark = Number(reply.get('mark') ?? 0);
  const zone = Number(reply.get('zone') ?? original.get('zone') ?? 0);
  if (!Number.isSafeInteger(mark) || !Number.isSafeInteger(zone)) return 'its mark or its zone is no number';
  const connection: Entry['connection'] = {
    original: there,
    reply: back,
    mark,
    tcp: protocol === 'tcp' ? (TCP_STATES.get(state ?? '') ?? 'established') : 'none',
    seenReply: !flags.has('[UNREPLIED]'),
    destinationSettled: true,
    sourceSettled: true,
    balanced: false,
    destinationRule: null,
    sourceRule: null,
  };
  return { connection, state, zone };
}

interface Stated {
  readonly original: Words;
  readonly reply: Words;
  /** `[UNREPLIED]`, `[ASSURED]`, `[OFFLOAD]` */
  readonly flags: ReadonlySet<string>;
  /** The state of the protocol, as `ESTABLISHED`; null: the protocol has none. */
  readonly state: string | null;
}

/** The words of an entry behind its protocol; a text: the reason why they are not understood. */
function statedIn(words: readonly string[]): Stated | string {
  const [original, reply] = [new Map<string, string>(), new Map<string, string>()];
  const flags = new Set<string>();
  let state: string | null = null;
  for (const word of words) {
    const at = word.indexOf('=');
    if (at > 0) {
      const [key, value] = [word.slice(0, at), word.slice(at + 1)];
      // The second `src=` begins the reply direction.
      const into = reply.size > 0 || (key === 'src' && original.has('src')) ? reply : original;
      if (!into.has(key)) into.set(key, value);
    } else if (word.startsWith('[')) flags.add(word);
    else if (/^[A-Z]/.test(word)) state ??= word;
    else if (!/^\d+$/.test(word)) return `unknown word "${word}"`;
  }
  return { original, reply, flags, state };
}

const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map([
  ['1', 'icmp'],
  ['6', 'tcp'],
  ['17', 'udp'],
  ['58', 'icmp'],
  ['132', 'sctp'],
]);

/** Source: tcp_conntrack_names, net/netfilter/nf_conntrack_proto_tcp.c. A connection that is being closed still has its packets. */
const TCP_STATES: ReadonlyMap<string, Connection['tcp']> = new Map([
  ['SYN_SENT', 'syn-sent'],
  ['SYN_SENT2', 'syn-sent'],
  ['SYN_RECV', 'syn-received'],
  ['ESTABLISHED', 'established'],
  ['FIN_WAIT', 'established'],
  ['CLOSE_WAIT', 'established'],
  ['LAST_ACK', 'established'],
  ['TIME_WAIT', 'closed'],
  ['CLOSE', 'closed'],
]);

function tupleOf(protocol: Protocol, words: Words): Tuple | null {
  const [source, destination] = [parseAddress(words.get('src') ?? ''), parseAddress(words.get('dst') ?? '')];
  const [first, second] = protocol === 'icmp' ? [echoId(words), echoId(words)] : [words.get('sport'), words.get('dport')];
  const [sourcePort, destinationPort] = [parsePort(first ?? ''), parsePort(second ?? '')];
  if (source === null || destination === null || typeof source !== typeof destination || sourcePort === null || destinationPort === null)
    return null;
  return { protocol, source, sourcePort, destination, destinationPort };
}

/** The identifier of a ping. Echo requests and replies are the types 8 and 0 of ICMP, 128 and 129 of ICMPv6. */
const echoId = (words: Words): string | undefined =>
  ['0', '8', '128', '129'].includes(words.get('type') ?? '') ? words.get('id') : undefined;

const isNoEcho = (words: Words): boolean => words.has('type') && echoId(words) === undefined && words.get('id') !== undefined;

const hasAddresses = (words: Words): boolean =>
  parseAddress(words.get('src') ?? '') !== null && parseAddress(words.get('dst') ?? '') !== null;
