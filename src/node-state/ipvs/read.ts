import type { Rule, VirtualServers } from '../../datapath/netfilter/ruleset.ts';
import { untoldRule } from '../../datapath/netfilter/untold.ts';
import {
  amongDestinations,
  type Destination,
  destinationChain,
  type Served,
  virtualServer,
} from '../../datapath/netfilter/virtual-server.ts';
import { FAMILIES, familyOf, formatEndpoint, type IpFamily } from '../../net/address.ts';
import { declaredAt, lineOf, type Reading, type StateFault, type StateText, type Unread } from '../text.ts';
import { type Line, listedLine, savedLine } from './lines.ts';
import { foundServers } from './servers.ts';

/** A virtual server while the lines of its destinations are read. */
interface Draft {
  readonly served: Served;
  readonly name: string;
  readonly scheduler: string;
  readonly persistent: string | null;
  readonly line: number;
  readonly destinations: Destination[];
  /** A line of a destination that is not understood, so that packets may go anywhere; null: all are understood. */
  doubt: string | null;
}

/** Reads the output of `ipvsadm -Sn` or `ipvsadm -Ln`: the virtual servers of both families. */
export function readIpvs(text: StateText): Reading {
  const drafts = new Map<string, Draft>();
  const unread: Unread[] = [];
  const faults: StateFault[] = [];
  let current: Draft | null = null;
  for (const [i, whole] of text.lines.entries()) {
    const words = whole.trim().split(/\s+/);
    if (words[0] === '' || whole.trimStart().startsWith('#')) continue;
    const notUnderstood = (why: string) => unread.push({ locus: lineOf(text, i, `Node/${text.node} ipvs`), text: whole, why });
    if (words.includes('Conns') && words[0] === 'Prot') return withoutServers(text, i, 'these are counters: weights are not among them');
    const line: Line | null = whole.trimStart().startsWith('-') && words[0] !== '->' ? savedLine(words) : listedLine(words);
    if (line === null) continue;
    if (typeof line === 'string') {
      if (isOfNames(words)) return withoutServers(text, i, 'these are names in place of addresses and ports');
      notUnderstood(line);
      if (words[0] === '->' || words[0] === '-a') doubted(words[0] === '->' ? current : ofLine(drafts, words), whole);
      else current = null;
    } else if (line.kind === 'server') {
      const name = nameOf(line.served);
      current = { ...line, name, line: i, destinations: [], doubt: null };
      drafts.set(name, current);
    } else {
      const draft: Draft | null = line.served === null ? current : (drafts.get(nameOf(line.served)) ?? null);
      const { address, port, forwarding, weight } = line;
      const origin = declaredAt(text, i, draft === null ? undefined : objectOf(text, draft));
      if (draft === null) notUnderstood('no virtual server is stated before');
      else
        draft.destinations.push({
          name: `${draft.name} -> ${formatEndpoint(address, port)}`,
          address,
          port: port === 0 ? null : port,
          forwarding,
          weight,
          origin,
        });
    }
  }
  const all = [...drafts.values()];
  return { pieces: FAMILIES.map((family) => ({ kind: 'ipvs', family, servers: serversOf(text, all, family) }) as const), unread, faults };
}

/** A line of `ipvsadm -L` without -n: `TCP  web.example.com:http rr`. */
const isOfNames = ([first = '', second = '']: readonly string[]): boolean =>
  /^(TCP|UDP|SCTP|->)$/.test(first) && /^\S+:[a-z]\S*$|^[a-z]\S*:\d+$/i.test(second);

/** Virtual servers whose addresses, ports or weights are not known: any packet may be for one. */
function withoutServers(text: StateText, line: number, message: string): Reading {
  const untold = { what: 'what IPVS serves', because: 'ipvsadm was not asked for numbers and weights', command: 'ipvsadm -Sn' };
  const locus = lineOf(text, line, `Node/${text.node} ipvs`);
  const rule = untoldRule(untold, declaredAt(text, line, `Node/${text.node} ipvs`), 'ipvs');
  const pieces = FAMILIES.map((family) => ({ kind: 'ipvs', family, servers: foundServers([], [], [rule]) }) as const);
  return { pieces, unread: [], faults: [{ locus, message, hint: 'ipvsadm -Sn' }] };
}

/** The virtual server of a line of `ipvsadm -S`, where the rest of the line is not understood. */
function ofLine(drafts: ReadonlyMap<string, Draft>, words: readonly string[]): Draft | null {
  const line = savedLine(['-A', ...words.slice(1, 3)]);
  return typeof line === 'string' || line.kind !== 'server' ? null : (drafts.get(nameOf(line.served)) ?? null);
}

function doubted(draft: Draft | null, line: string): void {
  if (draft !== null) draft.doubt ??= line.trim();
}

const familyOfServed = (served: Served): IpFamily => (served.kind === 'mark' ? served.family : familyOf(served.address));

const nameOf = (served: Served): string =>
  served.kind === 'mark'
    ? `FWM ${served.mark}${served.family === 'IPv6' ? ' IPv6' : ''}`
    : `${served.protocol.toUpperCase()} ${formatEndpoint(served.address, served.port)}`;

const objectOf = (text: StateText, { name }: Draft): string => `Node/${text.node} ipvs ${name}`;

/**
 * Schedulers that share out connections by weight. The round robin shares them out equally; the others count connections or hash addresses,
 * and are taken to share them equally, too.
 */
const BY_WEIGHT: readonly string[] = ['wrr', 'wlc', 'sed', 'nq', 'mh'];

/** The destinations that a scheduler may choose; `fo` chooses the one of the greatest weight. */
function chosenFrom({ scheduler, destinations }: Draft): readonly Destination[] {
  const most = destinations.reduce((greatest, d) => Math.max(greatest, d.weight), 0);
  return scheduler === 'fo' ? destinations.filter((d) => d.weight === most) : destinations;
}

function serversOf(text: StateText, drafts: readonly Draft[], family: IpFamily): VirtualServers {
  const here = drafts.filter((d) => familyOfServed(d.served) === family);
  const rules = here.map((draft): { readonly served: Served; readonly rule: Rule } => {
    const { served, scheduler, persistent, doubt, line } = draft;
    const target =
      doubt === null
        ? amongDestinations(chosenFrom(draft), BY_WEIGHT.includes(scheduler) ? 'by weight' : 'equal', family)
        : ({ kind: 'unmodelled', text: doubt } as const);
    const scheduling = persistent === null ? scheduler : `${scheduler} -p ${persistent}`.trim();
    return { served, rule: virtualServer(served, target, scheduling, declaredAt(text, line, objectOf(text, draft))) };
  });
  return foundServers(
    rules,
    here.flatMap((d) => d.destinations.map(destinationChain)),
    [],
  );
}
