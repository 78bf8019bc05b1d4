import type { Socket } from '../../datapath/netns.ts';
import { declaredAt, lineOf, type Reading, type StateText, type Unread } from '../text.ts';
import { columnsOf } from './columns.ts';
import { listedIn } from './listed.ts';
import { localOf } from './local.ts';

/**
 * Reads the output of `ss -tulpn` or `netstat -tulpn`: the sockets on which the node's processes listen. They are all that there are for
 * the protocols among them, and for those that the command asks for (`listed`).
 */
export function readSockets(text: StateText): Reading {
  const sockets: Socket[] = [];
  const unread: Unread[] = [];
  const object = `Node/${text.node} sockets`;
  // An old ss has `*` for all addresses of IPv4, and `::` for those of both families.
  const isOld = text.lines.some((line) => /\s:::(\d+|\*)\s/.test(line)) && !text.lines.some((line) => /^tcp6|^udp6/.test(line));
  for (const [i, whole] of text.lines.entries()) {
    const notUnderstood = (why: string) => unread.push({ locus: lineOf(text, i, object), text: whole, why });
    const columns = columnsOf(whole.trim());
    if (columns === null) continue;
    if (columns.kind === 'unknown') {
      notUnderstood(columns.why);
      continue;
    }
    if (!columns.isListening) continue;
    const local = localOf(columns.local, isOld ? 'IPv4' : null);
    if (typeof local === 'string') {
      notUnderstood(local);
      continue;
    }
    // On lo only the machine's own packets come in, and to addresses of its own.
    if (local.device !== null && local.device !== 'lo') notUnderstood(`taken for a socket of all devices, not of ${local.device} alone`);
    const { address, port, family } = local;
    const process = columns.process ?? `a process on ${text.node}`;
    const bound = { protocol: columns.protocol, address, port, process, origin: declaredAt(text, i, object) };
    sockets.push(family === null ? bound : { ...bound, family });
  }
  return { pieces: [{ kind: 'sockets', sockets, listed: listedIn(text, sockets.length === 0) }], unread, faults: [] };
}
