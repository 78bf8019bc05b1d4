/** A socket, as a line of ss or of netstat has it. */
export type Columns =
  | {
      readonly kind: 'socket';
      readonly protocol: 'tcp' | 'udp' | 'sctp';
      readonly isListening: boolean;
      /** Address and port. */
      readonly local: string;
      readonly process: string | null;
    }
  | { readonly kind: 'unknown'; readonly why: string };

const TRANSPORTS: Readonly<Record<string, 'tcp' | 'udp' | 'sctp'>> = { tcp: 'tcp', udp: 'udp', sctp: 'sctp', tcp6: 'tcp', udp6: 'udp' };

/** Kinds of sockets that do not receive TCP, UDP or SCTP. */
const OTHERS: readonly string[] = [
  'nl',
  'p_raw',
  'p_dgr',
  'u_str',
  'u_dgr',
  'u_seq',
  'raw',
  'raw6',
  'icmp6',
  'ICMP6',
  'unix',
  'v_str',
  'v_dgr',
  'vs',
  'tipc',
  'xdp',
  'udplite',
  'udplite6',
  'dccp',
  'mptcp',
  '???',
];

/** States, as ss and netstat call them; UNCONN is a UDP socket that any client may send to. */
const STATES: readonly string[] = [
  'LISTEN',
  'UNCONN',
  'ESTAB',
  'SYN-SENT',
  'SYN-RECV',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'CLOSE-WAIT',
  'LAST-ACK',
  'CLOSING',
  'CLOSED',
];

/** The socket of a line; null: the line is a heading, or of a socket of another kind. */
export function columnsOf(line: string): Columns | null {
  if (
    line === '' ||
    line.startsWith('Netid ') ||
    line.startsWith('Active ') ||
    line.startsWith('Proto ') ||
    line.startsWith('State ') ||
    line.startsWith('(')
  )
    return null;
  const [first = '', ...rest] = line.split(/\s+/);
  if (OTHERS.includes(first)) return null;
  if (STATES.includes(first)) return ofSs(first === 'UNCONN' ? 'udp' : 'tcp', first, rest);
  const protocol = Object.hasOwn(TRANSPORTS, first) ? TRANSPORTS[first] : undefined;
  if (protocol === undefined) return { kind: 'unknown', why: `"${first}" is no kind of a socket` };
  const [second = '', ...more] = rest;
  return STATES.includes(second) ? ofSs(protocol, second, more) : ofNetstat(protocol, rest);
}

/** `0 128 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=1,fd=2))`, after the state. */
function ofSs(protocol: 'tcp' | 'udp' | 'sctp', state: string, words: readonly string[]): Columns {
  const [, , local = '', , ...rest] = words;
  const process = /users:\(\("((?:[^"\\]|\\.)*)"/.exec(rest.join(' '))?.[1] ?? null;
  return { kind: 'socket', protocol, isListening: state === 'LISTEN' || state === 'UNCONN', local, process };
}

/** `0 0 0.0.0.0:22 0.0.0.0:* LISTEN 812/sshd`, after the protocol; UDP has no state. */
function ofNetstat(protocol: 'tcp' | 'udp' | 'sctp', words: readonly string[]): Columns {
  const [, , local = '', peer = '', ...rest] = words;
  const [state = ''] = rest;
  const isListening = protocol === 'udp' ? peer.endsWith(':*') : state === 'LISTEN';
  const process = /(?:^|\s)\d+\/([^\s:]+)/.exec(rest.join(' '))?.[1] ?? null;
  return { kind: 'socket', protocol, isListening, local, process };
}
