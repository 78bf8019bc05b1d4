import { readConntrack } from './conntrack/read.ts';
import type { Format } from './format.ts';
import { readFdb, readIp } from './ip/index.ts';
import { readIpset } from './ipset/read.ts';
import { readIpvs } from './ipvs/read.ts';
import { readNft } from './nft/read.ts';
import { readSockets } from './sockets/read.ts';
import { readSysctl } from './sysctl/read.ts';
import { lineOf, type Reading, type SetSource, type StateText } from './text.ts';

type Reader = (text: StateText, sets: SetSource) => Reading;

const NONE: Reader = (text) => ({
  pieces: [],
  faults: [],
  unread: text.lines.map((line, i) => ({ locus: lineOf(text, i, `Node/${text.node}`), text: line, why: 'this version does not read it' })),
});

/** Who reads what. */
export const READERS: Readonly<Record<Format, Reader>> = {
  iptables: NONE,
  nft: readNft,
  ip: readIp,
  fdb: readFdb,
  ipset: readIpset,
  ipvs: readIpvs,
  conntrack: readConntrack,
  sysctl: readSysctl,
  sockets: readSockets,
};
