import { readConntrack } from './conntrack/read.ts';
import type { Format } from './format.ts';
import { readFdb, readIp } from './ip/index.ts';
import { readIpset } from './ipset/read.ts';
import { readIptables } from './iptables/index.ts';
import { readIpvs } from './ipvs/read.ts';
import { readNft } from './nft/read.ts';
import { readSockets } from './sockets/read.ts';
import { readSysctl } from './sysctl/read.ts';
import type { Reading, SetSource, StateText } from './text.ts';

/** The reader of each format. */
export const READERS: Readonly<Record<Format, (text: StateText, sets: SetSource) => Reading>> = {
  iptables: readIptables,
  nft: readNft,
  ip: readIp,
  fdb: readFdb,
  ipset: readIpset,
  ipvs: readIpvs,
  conntrack: readConntrack,
  sysctl: readSysctl,
  sockets: readSockets,
};
