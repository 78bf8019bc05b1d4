import type { Socket } from '../../datapath/netns.ts';
import { assumed } from '../../source/origin.ts';
import { declaredAt, lineOf, type Reading, type StateText, type Unread } from '../text.ts';
import { columnsOf } from './columns.ts';
import { localOf } from './local.ts';

type Transport = NonNullable<Socket['protocol']>;

/**
 * What `ss -tulpn` or `netstat -tulpn` prints: where the node's processes listen. It listens nowhere else, but perhaps with a protocol that
 * was not asked for.
 */
export function readSockets(text: StateText): Reading {
  const sockets: Socket[] = [];
  const unread: Unread[] = [];
  const seen = new Set<Transport>();
  const object = `Node/${text.node} sockets`;
  // ss of iproute2 before 4.15 had `*` for all addresses of IPv4, and `::` for those of IPv6.
  const isOld = text.lines.some((line) => /\s:::(\d+|\*)\s/.test(line)) && !text.lines.some((line) => /^tcp6|^udp6/.test(line));
  for (const [i, whole] of text.lines.entries()) {
    const no = (why: string) => unread.push({ locus: lineOf(text, i, object), text: whole, why });
    const columns = columnsOf(whole.trim());
    if (columns === null) continue;
    if (columns.kind === 'both') {
      seen.add('tcp').add('udp');
      continue;
    }
    if (columns.kind === 'unknown') {
      no(columns.why);
      continue;
    }
    seen.add(columns.protocol);
    if (!columns.isListening) continue;
    const local = localOf(columns.local, isOld ? 'IPv4' : null);
    if (typeof local === 'string') {
      no(local);
      continue;
    }
    // On lo only the machine's own packets come in, and to addresses of its own.
    if (local.device !== null && local.device !== 'lo') no(`taken for a socket of all devices, not of ${local.device} alone`);
    const { address, port, family } = local;
    const process = columns.process ?? `a process on ${text.node}`;
    const bound = { protocol: columns.protocol, address, port, process, origin: declaredAt(text, i, object) };
    sockets.push(family === null ? bound : { ...bound, family });
  }
  return { pieces: [{ kind: 'sockets', sockets: [...sockets, ...unasked(text, seen)] }], unread, faults: [] };
}

const TRANSPORTS: readonly Transport[] = ['tcp', 'udp', 'sctp'];

/** Of a protocol that is not listed at all, any port may have a socket. */
function unasked(text: StateText, seen: ReadonlySet<Transport>): readonly Socket[] {
  const origin = assumed(lineOf(text, 0, `Node/${text.node} sockets`));
  return TRANSPORTS.filter((p) => !seen.has(p)).map((protocol) => ({
    protocol,
    address: null,
    port: null,
    process: `a process on ${text.node}`,
    origin,
  }));
}
