import type { Datapath, Device } from '../datapath/netns.ts';
import type { Protocol, Tuple } from '../net/packet.ts';
import type { Frame } from './agent.ts';
import { type Crossing, carrierText, echoText, errorText, transportText, withCarrier } from './crossing.ts';
import { ACK, FIN, type Header, isEchoReply, isEchoRequest, PSH, RST, readHeader, SYN } from './header.ts';
import { netnsOf } from './names.ts';

/** A capture of one connection, in the words of the model. */
export interface Observed {
  readonly forward: readonly Crossing[];
  readonly reply: readonly Crossing[];
  readonly ack: readonly Crossing[];
  readonly data: readonly Crossing[];
}

/** Whose packets are looked for. */
export interface Client {
  readonly protocol: Exclude<Protocol, 'sctp'>;
  readonly sourcePort: number;
}

interface Seen {
  readonly netns: string;
  readonly device: string;
  readonly direction: 'in' | 'out';
  /** What a program sent: of the packet inside, where a tunnel carries it. */
  readonly header: Header;
  /** That of the tunnel, in words. */
  readonly carrier: string | null;
  readonly time: number;
}

/** The source port of the model's packets. */
const MODEL_PORT = 40000;
/** A packet that is sent again comes later than this, in seconds: TCP waits one for its SYN. */
const AGAIN = 0.8;

/** Picks the walks of the client's packets out of all frames. */
export function observe(frames: readonly Frame[], client: Client, datapath: Datapath): Observed {
  const seen = inOrder(frames, datapath);
  const mine = seen.filter((s) => s.header.protocol === client.protocol);
  const first = mine.find((s) => isRequest(s.header));
  if (first === undefined) return { forward: [], reply: refusalOf(seen, client), ack: [], data: [] };
  const isFirst = (h: Header) => isRequest(h) && h.id === first.header.id;
  const afterwards = (is: (h: Header) => boolean) => {
    const start = mine.find((s) => is(s.header));
    if (start === undefined) return [];
    return once(mine.filter((s) => is(s.header) && s.header.id === start.header.id && s.time < start.time + AGAIN));
  };
  const next = (first.header.sequence + 1) >>> 0;
  const ofClient = (h: Header) => h.protocol === 'tcp' && h.sequence === next && (h.flags & (SYN | RST | FIN)) === 0;
  const ports = new Set([client.sourcePort, ...mine.filter((s) => isFirst(s.header)).map((s) => s.header.sourcePort)]);
  const out = (list: readonly Seen[]) => list.map((s) => crossing(s, client, 'sourcePort'));
  return {
    forward: out(mine.filter((s) => isFirst(s.header) && s.time < first.time + AGAIN)),
    reply: replyOf(seen, mine, first.header, ports).map((s) => crossing(s, client, 'destinationPort')),
    ack: out(afterwards((h) => ofClient(h) && h.flags === ACK && h.payload === 0)),
    data: out(afterwards((h) => ofClient(h) && (h.flags & (ACK | PSH)) !== 0 && h.payload > 0)),
  };
}

/**
 * A packet that is sent again at once, because a router refused it for its size, looks the same where IPv6 numbers no packets: the first
 * one ends where it begins.
 */
function once(list: readonly Seen[]): readonly Seen[] {
  const placeOf = ({ netns, device, direction, header }: Seen) => `${netns} ${device} ${direction} ${header.ttl}`;
  const again = list.findIndex((s, i) => i > 0 && list[0] !== undefined && placeOf(s) === placeOf(list[0]));
  return again === -1 ? list : list.slice(0, again);
}

/** Frames as crossings, in the order of time. A stamp that a packet carries along is no later on the next device: their order stands. */
function inOrder(frames: readonly Frame[], datapath: Datapath): readonly Seen[] {
  const latest = new Map<string, number>();
  return frames
    .flatMap((frame) => {
      const netns = netnsOf(frame.file);
      const time = Math.max(Number(frame.time), latest.get(netns) ?? 0);
      latest.set(netns, time);
      const direction = directionOf(frame, netns, datapath);
      const header = readHeader(frame.bytes);
      return direction === null || header === null ? [] : [{ netns, device: frame.device, direction, ...unpacked(header), time }];
    })
    .sort((a, b) => a.time - b.time);
}

function unpacked(header: Header): Pick<Seen, 'header' | 'carrier'> {
  const { carried } = header;
  if (carried === null) return { header, carrier: null };
  return { header: carried.header, carrier: carrierText({ ...header, vni: carried.vni }) };
}

const HOST = 0;
const OTHER_HOST = 3;
const OUTGOING = 4;

/**
 * A frame for another MAC counts where nothing was flooded; elsewhere its machine drops it without a word. `lo` shows a packet twice.
 */
function directionOf({ device, type }: Frame, netns: string, datapath: Datapath): 'in' | 'out' | null {
  const known = datapath.netns(netns)?.devices.get(device);
  if (type === OUTGOING) return known?.kind === 'loopback' ? null : 'out';
  if (type === HOST) return 'in';
  return type === OTHER_HOST && known !== undefined && showsStrays(known) ? 'in' : null;
}

/** A bridge port, the end of a tunnel, and that of a pair whose other end is no bridge port: what comes there was sent there. */
const showsStrays = (device: Device) =>
  device.kind === 'vxlan' || (device.kind === 'veth' && (device.master !== null || device.peer?.master === null));

function isRequest(h: Header): boolean {
  if (h.protocol === 'tcp') return (h.flags & (SYN | ACK | RST)) === SYN;
  return h.protocol === 'icmp' ? isEchoRequest(h) : true;
}

/**
 * The answer, or the refusal: whichever comes first. A reset without ACK is the client's own, to an answer that it does not expect. To
 * other ports go packets of earlier connections.
 */
function replyOf(seen: readonly Seen[], mine: readonly Seen[], request: Header, ports: ReadonlySet<number>): readonly Seen[] {
  const isError = (h: Header) => h.icmp?.quoted?.id === request.id && h.icmp.quoted.protocol === request.protocol;
  const isAnswer = (h: Header) => answers(h, request) && ports.has(h.destinationPort);
  const start = seen.find((s) => isError(s.header) || isAnswer(s.header));
  if (start === undefined) return [];
  const error = isError(start.header);
  const same = (h: Header) => (error ? isError(h) && h.id === start.header.id : isAnswer(h) && h.flags === start.header.flags);
  return (error ? seen : mine).filter((s) => same(s.header) && s.time < start.time + AGAIN);
}

/** A packet that the client's own kernel refused was on no device; that it was refused, the kernel tells itself over `lo`. */
function refusalOf(seen: readonly Seen[], client: Client): readonly Crossing[] {
  const isMine = ({ icmp }: Header) => icmp?.quoted?.protocol === client.protocol && icmp.quoted.sourcePort === client.sourcePort;
  const start = seen.find((s) => isMine(s.header));
  if (start === undefined) return [];
  return seen
    .filter((s) => isMine(s.header) && s.header.id === start.header.id && s.time < start.time + AGAIN)
    .map((s) => crossing(s, client, 'destinationPort'));
}

function answers(h: Header, request: Header): boolean {
  if (h.protocol !== request.protocol) return false;
  if (h.protocol === 'icmp') return isEchoReply(h);
  if (h.protocol === 'udp') return h.id !== request.id;
  return (h.flags & (SYN | ACK)) === (SYN | ACK) || (h.flags & (RST | ACK)) === (RST | ACK);
}

/** In the model's words: the client's port is 40000 there, and here one of its own for each connection. */
function crossing({ netns, device, direction, header, carrier }: Seen, client: Client, port: 'sourcePort' | 'destinationPort'): Crossing {
  return { netns, device, direction, header: withCarrier(headerText(header, client, port), carrier) };
}

function headerText(h: Header, client: Client, port: 'sourcePort' | 'destinationPort'): string {
  const { icmp } = h;
  if (icmp === null) return transportText(mapped(h, client, port), h.ttl);
  if (icmp.quoted === null) return echoText(h, h.ttl, isEchoRequest(h) ? 'echo-request' : 'echo-reply');
  return errorText(h, h.ttl, icmp.name, mapped(icmp.quoted, client, 'sourcePort'));
}

function mapped(t: Tuple, client: Client, port: 'sourcePort' | 'destinationPort'): Tuple {
  return t[port] === client.sourcePort ? { ...t, [port]: MODEL_PORT } : t;
}
