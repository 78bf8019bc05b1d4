import type { IpAddress } from '../net/address.ts';
import { formatAddress } from '../net/address.ts';
import type { Protocol } from '../net/packet.ts';
import { inside, type Lab } from './holder.ts';
import { type Conversation, LabError, type Machine } from './machine.ts';
import { fileOf } from './names.ts';

/** One packet to send, by a client in some namespace. */
export interface Probe {
  readonly netns: string;
  readonly protocol: Exclude<Protocol, 'sctp'>;
  /** For ICMP the identifier. */
  readonly sourcePort: number;
  readonly destination: IpAddress;
  /** 0 for ICMP. */
  readonly port: number;
  /** Bytes of the data packet or datagram; 0: the usual. */
  readonly size: number;
}

/** A packet as a packet socket has it: where, when, and its first bytes from the IP header on. */
export interface Frame {
  readonly file: string;
  readonly device: string;
  /** PACKET_HOST 0, PACKET_OTHERHOST 3, PACKET_OUTGOING 4, … Source: linux/if_packet.h. */
  readonly type: number;
  /** Seconds and nanoseconds, as text of one length: compares as it is. */
  readonly time: string;
  readonly bytes: Uint8Array;
}

export interface ProbeResult {
  readonly frames: readonly Frame[];
  /** The client's program saw this: `answer`, `time-out`, `errno N`, `icmp TYPE CODE`. */
  readonly saw: string;
}

/** The process that has the lab's sockets. */
export interface Agent {
  listen(netns: string, protocol: 'tcp' | 'udp', address: IpAddress, port: number): Promise<void>;
  capture(netns: string): Promise<void>;
  /** Sends, to warm the caches on the way; nothing is captured. */
  warm(shot: Probe): Promise<void>;
  /** Waits for the packets that warmed the way, and forgets them. */
  settle(milliseconds: number): Promise<void>;
  fire(shot: Probe, milliseconds: number): Promise<ProbeResult>;
  /** Listens on without us. */
  stay(): Promise<void>;
  close(): Promise<void>;
}

const MORE_FILES = 'ulimit -n "$(ulimit -H -n)"; exec perl -e "$1" k8s-trace-agent';

export function startAgent(machine: Machine, lab: Lab): Agent {
  const talk = machine.open(inside(lab, ['sh', '-c', MORE_FILES, 'sh', machine.agent]));
  const tell = async (words: readonly (string | number)[]) => {
    talk.write(`${words.join(' ')}\n`);
    const answer = await talk.line();
    if (answer !== 'ok') throw failed(answer, talk);
  };
  const wordsOf = (s: Probe) => [fileOf(s.netns), s.protocol, s.sourcePort, formatAddress(s.destination), s.port];
  return {
    listen: (netns, protocol, address, port) => tell(['listen', fileOf(netns), protocol, formatAddress(address), port]),
    capture: (netns) => tell(['capture', fileOf(netns)]),
    warm: (shot) => tell(['warm', ...wordsOf(shot)]),
    settle: (milliseconds) => tell(['settle', milliseconds]),
    async fire(shot, milliseconds) {
      talk.write(`${['flow', ...wordsOf(shot), shot.size, milliseconds].join(' ')}\n`);
      return readResult(talk);
    },
    async stay() {
      await tell(['serve']);
      talk.leave();
    },
    close: () => talk.close(),
  };
}

async function readResult(talk: Conversation): Promise<ProbeResult> {
  const frames: Frame[] = [];
  for (;;) {
    const line = await talk.line();
    const [word, ...rest] = (line ?? '').split(' ');
    if (word === 'client') return { frames, saw: rest.join(' ') };
    if (word !== 'packet') throw failed(line, talk);
    const [file = '', device = '', type = '', time = '', hex = ''] = rest;
    frames.push({ file, device, type: Number(type), time, bytes: Uint8Array.from(Buffer.from(hex, 'hex')) });
  }
}

function failed(answer: string | null, talk: Conversation): LabError {
  return new LabError(`the lab's sockets: ${answer?.replace(/^error /, '') ?? `their process ended (${talk.stderr().trim()})`}`);
}
