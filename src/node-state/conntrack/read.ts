import type { Connection } from '../../datapath/conntrack.ts';
import type { FoundConnection } from '../../datapath/found-state.ts';
import { parseAddress } from '../../net/address.ts';
import type { Protocol, Tuple } from '../../net/packet.ts';
import { parsePort } from '../../net/port.ts';
import { declaredAt, lineOf, type Reading, type StateText, type Unread } from '../text.ts';

/** What `conntrack -L` prints, or /proc/net/nf_conntrack has: the connections that a node knows. */
export function readConntrack(text: StateText): Reading {
  const connections: FoundConnection[] = [];
  const unread: Unread[] = [];
  const object = `Node/${text.node} conntrack`;
  for (const [i, whole] of text.lines.entries()) {
    const line = whole.trim();
    // How many there were.
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

/** The words of a direction: `src=10.244.1.5 dst=10.96.0.10 sport=40000 dport=53`, of a ping with `type=8 code=0 id=7`. */
type Words = ReadonlyMap<string, string>;

/**
 * `tcp 6 86400 ESTABLISHED src=… dst=… sport=… dport=… [UNREPLIED] src=… … [ASSURED] mark=0 use=1`; a text: what is wrong with it. Null:
 * a connection that nobody can ask about, as of IGMP, or of ICMP without an echo.
 */
function entryOf(line: string): Entry | string | null {
  const words = line.split(/\s+/);
  const family = words[0] === 'ipv4' || words[0] === 'ipv6' ? words.splice(0, 2) : [];
  const [, number = '', ...rest] = words;
  if (!/^\d+$/.test(number) || rest.length === 0)
    return family.length > 0 ? 'it is no connection' : 'it is neither a connection nor a heading';
  const protocol = PROTOCOLS.get(number);
  const [original, reply] = [new Map<string, string>(), new Map<string, string>()];
  const flags = new Set<string>();
  let state: string | null = null;
  for (const word of rest) {
    const at = word.indexOf('=');
    if (at > 0) {
      const [key, value] = [word.slice(0, at), word.slice(at + 1)];
      // The second source begins the other direction.
      const into = reply.size > 0 || (key === 'src' && original.has('src')) ? reply : original;
      if (!into.has(key)) into.set(key, value);
    } else if (word.startsWith('[')) flags.add(word);
    else if (/^[A-Z]/.test(word)) state ??= word;
    else if (!/^\d+$/.test(word)) return `unknown word "${word}"`;
  }
  if (protocol === undefined || (protocol === 'icmp' && isNoEcho(original) && isNoEcho(reply)))
    return [original, reply].every(hasAddresses) ? null : 'it has not all addresses';
  const [there, back] = [tupleOf(protocol, original), tupleOf(protocol, reply)];
  if (there === null || back === null) return 'it has not all addresses and ports';
  const mark = Number(reply.get('mark') ?? 0);
  const zone = Number(reply.get('zone') ?? original.get('zone') ?? 0);
  if (!Number.isSafeInteger(mark) || !Number.isSafeInteger(zone)) return 'its mark or its zone is no number';
  const seenReply = !flags.has('[UNREPLIED]');
  const tcp = protocol === 'tcp' ? (TCP_STATES.get(state ?? '') ?? 'established') : 'none';
  return {
    connection: {
      original: there,
      reply: back,
      mark,
      tcp,
      seenReply,
      destinationSettled: true,
      sourceSettled: true,
      balanced: false,
      destinationRule: null,
      sourceRule: null,
    },
    state,
    zone,
  };
}

const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map([
  ['1', 'icmp'],
  ['6', 'tcp'],
  ['17', 'udp'],
  ['58', 'icmp'],
  ['132', 'sctp'],
]);

/** Source: tcp_conntrack_names, nf_conntrack_proto_tcp.c. While a connection is being closed, its packets are of it as before. */
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

/** Requests and answers: of ICMP 8 and 0, of ICMPv6 128 and 129. */
const echoId = (words: Words): string | undefined =>
  ['0', '8', '128', '129'].includes(words.get('type') ?? '') ? words.get('id') : undefined;

const isNoEcho = (words: Words): boolean => words.has('type') && echoId(words) === undefined && words.get('id') !== undefined;

const hasAddresses = (words: Words): boolean =>
  parseAddress(words.get('src') ?? '') !== null && parseAddress(words.get('dst') ?? '') !== null;
