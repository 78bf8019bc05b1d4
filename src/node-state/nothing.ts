import { FAMILIES } from '../net/address.ts';
import { familyOfCommand } from './command.ts';
import type { Format } from './format.ts';
import { foundServers } from './ipvs/servers.ts';
import { listedIn } from './sockets/listed.ts';
import type { Piece, Reading, StateText } from './text.ts';

/** The state that a remark `# COMMAND: no output` stands for: nothing of the kind that the command lists. */
export const nothingThere = (format: Format, text: StateText): Reading => ({ pieces: piecesOf(format, text), unread: [], faults: [] });

function piecesOf(format: Format, text: StateText): readonly Piece[] {
  const { command } = text;
  const family = familyOfCommand(command) ?? 'IPv4';
  switch (format) {
    case 'iptables':
      return [{ kind: 'iptables', family, backend: null, tables: new Map(), ofNft: new Set() }];
    case 'nft':
      return [{ kind: 'nft', tables: [] }];
    case 'ipset':
      return [{ kind: 'ipset', sets: new Map() }];
    case 'fdb':
      return [{ kind: 'fdb', entries: [] }];
    case 'sockets':
      return [{ kind: 'sockets', sockets: [], listed: listedIn(text, true) }];
    case 'conntrack':
      return [{ kind: 'connections', connections: [] }];
    case 'ip':
      return ofIp(command ?? '', family);
    // ipvsadm prints those of both families.
    case 'ipvs':
      return FAMILIES.map((own) => ({ kind: 'ipvs', family: own, servers: foundServers([], [], []) }) as const);
    // Every machine has sysctls.
    case 'sysctl':
      return [];
  }
}

function ofIp(command: string, family: 'IPv4' | 'IPv6'): readonly Piece[] {
  if (/\bn(ei\w*)?\b/.test(command)) return [{ kind: 'neighbours', neighbours: [] }];
  if (!/\br(o\w*)?\b/.test(command)) return [];
  const isAll = /\btable (all|0)\b/.test(command);
  const table = /\bt(?:able)? (\d+)\b/.exec(command)?.[1];
  const isMain = !/\bt(able)? /.test(command) || /\bt(able)? main\b/.test(command);
  const tables = table === undefined ? (isMain ? [254] : []) : [Number(table)];
  return [{ kind: 'routes', family, isAll, tables: new Map(tables.map((id) => [id, []])) }];
}
