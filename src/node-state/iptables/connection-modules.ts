import type { ConnectionState, ConnectionStatus, Match } from '../../datapath/netfilter/match.ts';
import { ip, parseAddress } from '../../net/address.ts';
import { prefixOfText } from './basic.ts';
import { type Context, each, kept, type Module, type Stated, taking, wordOf } from './module.ts';
import { protocolOf } from './protocols.ts';
import { maskedOf, numberOf, portsOf } from './words.ts';

/** Match modules about connections, marks and chance. */
export const connectionModules: Readonly<Record<string, Module>> = {
  mark: each(taking('--mark'), (option) => marked('mark', option)),
  connmark: each(taking('--mark'), (option) => marked('connmark', option)),
  state: each(taking('--state'), ({ args: [text], negated }) => statesOf(text, negated)),
  conntrack: {
    options: taking(
      '--ctstate --ctproto --ctorigsrc --ctorigdst --ctreplsrc --ctrepldst --ctorigsrcport --ctorigdstport --ctreplsrcport --ctrepldstport --ctstatus --ctexpire --ctdir',
    ),
    read: readConntrack,
  },
  statistic: { options: taking('--mode --probability --every --packet'), read: readStatistic },
  recent: {
    options: taking('--name --mask --seconds --hitcount', '--set --rcheck --update --remove --rsource --rdest --reap --rttl'),
    read: readRecent,
    lacks: (options) => kept('sources', 'xt_recent', wordOf(options, '--name') ?? 'DEFAULT'),
  },
  ipvs: { options: taking('--vproto --vaddr --vport --vdir --vmethod --vportctl', '--ipvs'), read: readIpvs },
  owner: {
    options: taking('--uid-owner --gid-owner', '--suppl-groups --socket-exists'),
    read: (options) =>
      options.flatMap(({ name, args, negated }) =>
        name === '--suppl-groups'
          ? []
          : [
              {
                kind: 'owner',
                text: `-m owner ${negated ? '! ' : ''}${[name, ...args].join(' ')}`,
                ...(name === '--socket-exists' ? { exists: true as const } : {}),
                negated,
              },
            ],
      ),
  },
  socket: { options: taking('', '--transparent --nowildcard --restore-skmark'), read: readSocket },
  nfacct: { options: taking('--nfacct-name'), read: () => [] },
};

function marked(kind: 'mark' | 'connmark', { args: [text], negated }: Stated): Match | null {
  const found = maskedOf(text);
  return found === null ? null : { kind, ...found, negated };
}

const STATES: ReadonlySet<string> = new Set(['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED', 'DNAT', 'SNAT']);
const isState = (word: string): word is ConnectionState => STATES.has(word);

function statesOf(text: string | undefined, negated: boolean): Match | null {
  const states = (text ?? '').toUpperCase().split(',');
  return states.every(isState) ? { kind: 'ctstate', states, negated } : null;
}

/**
 * A rule with INVALID or UNTRACKED and another option is not modelled: for packets without a connection the kernel does not look at the
 * others (conntrack_mt, net/netfilter/xt_conntrack.c).
 */
function readConntrack(options: readonly Stated[], context: Context): readonly Match[] | null {
  const found: Match[] = [];
  for (const option of options) {
    const match = conntrackOption(option, context);
    if (match === null) return null;
    found.push(match);
  }
  const lacks = found.some((m) => m.kind === 'ctstate' && (m.negated || m.states.some((s) => s === 'INVALID' || s === 'UNTRACKED')));
  return lacks && found.length > 1 ? null : found;
}

const FIELD = /^--ct(orig|repl)(src|dst)(port)?$/;

function conntrackOption({ name, args: [text = ''], negated }: Stated, { family }: Context): Match | null {
  const [, way, which, port] = FIELD.exec(name) ?? [];
  if (way !== undefined) {
    const at = { direction: way === 'orig' ? 'original' : 'reply', end: which === 'src' ? 'source' : 'destination' } as const;
    if (port !== undefined) {
      const ports = portsOf(text);
      return ports === null ? null : { kind: 'ct-port', ...at, ...ports, negated };
    }
    const prefix = prefixOfText(text, family);
    return prefix === null ? null : { kind: 'ct-address', ...at, prefix, negated };
  }
  switch (name) {
    case '--ctstate':
      return statesOf(text, negated);
    case '--ctproto': {
      const protocol = protocolOf(text);
      return protocol === null ? null : { kind: 'ct-protocol', protocol, negated };
    }
    case '--ctdir':
      return text === 'ORIGINAL' || text === 'REPLY'
        ? { kind: 'ct-direction', direction: text === 'ORIGINAL' ? 'original' : 'reply', negated }
        : null;
    case '--ctstatus':
      return statusesOf(text, negated);
    default:
      return null;
  }
}

const STATUSES: ReadonlySet<string> = new Set(['EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED']);
const isStatus = (word: string): word is ConnectionStatus => STATUSES.has(word);

function statusesOf(text: string, negated: boolean): Match | null {
  const statuses = text.toUpperCase() === 'NONE' ? [] : text.toUpperCase().split(',');
  return statuses.every(isStatus) ? { kind: 'ct-status', statuses, negated } : null;
}

/** `--mode nth` counts packets: which one matches is not known, but its share is, as with `--mode random`. */
function readStatistic(options: readonly Stated[]): readonly Match[] | null {
  const of = (name: string) => options.find((o) => o.name === name);
  const [mode] = of('--mode')?.args ?? [];
  const chance = mode === 'random' ? of('--probability') : mode === 'nth' ? of('--every') : undefined;
  const value = Number(chance?.args[0] ?? Number.NaN);
  if (chance === undefined || !(value >= 0)) return null;
  if (mode === 'random') return value > 1 ? null : [{ kind: 'statistic', probability: chance.negated ? 1 - value : value }];
  const packet = numberOf(of('--packet')?.args[0] ?? '0');
  if (!Number.isInteger(value) || value < 1 || packet === null) return null;
  const share = 1 / value;
  return [
    { kind: 'statistic', probability: chance.negated ? 1 - share : share, ...(chance.negated ? {} : { nth: { every: value, packet } }) },
  ];
}

/** --restore-skmark, which sets the packet's mark to the socket's, is not modelled. */
function readSocket(options: readonly Stated[]): readonly Match[] | null {
  const has = (name: string) => options.some((o) => o.name === name);
  if (has('--restore-skmark')) return null;
  const text = ['-m socket', ...options.map((o) => o.name)].join(' ');
  return [{ kind: 'socket', transparent: has('--transparent'), wildcard: has('--nowildcard'), text, negated: false }];
}

const ANY_BITS = { IPv4: ip('255.255.255.255'), IPv6: ip('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff') } as const;

/**
 * kube-proxy's lists of clients (session affinity). Other lists may have been filled by packets that are not known, and are not modelled.
 */
function readRecent(options: readonly Stated[], { family }: Context): readonly Match[] | null {
  const of = (name: string) => options.find((o) => o.name === name);
  const mask = parseAddress(of('--mask')?.args[0] ?? '') ?? ANY_BITS[family];
  const list = of('--name')?.args[0] ?? 'DEFAULT';
  if (of('--rdest') !== undefined || of('--rttl') !== undefined || options.some((o) => o.negated)) return null;
  if (of('--set') !== undefined) return [{ kind: 'recent', action: 'set', list, mask }];
  const seconds = numberOf(of('--seconds')?.args[0]);
  if (of('--rcheck') === undefined || of('--hitcount') !== undefined || seconds === null || !list.startsWith('KUBE-')) return null;
  return [{ kind: 'recent', action: 'rcheck', list, seconds, mask }];
}

function readIpvs(options: readonly Stated[], { family }: Context): readonly Match[] | null {
  const of = (name: string) => options.find((o) => o.name === name)?.args[0] ?? '';
  const prefix = prefixOfText(of('--vaddr'), family);
  const protocol = protocolOf(of('--vproto'));
  const port = numberOf(of('--vport'));
  const isWhole = options.length === 3 && options.every((o) => !o.negated) && prefix?.length === (family === 'IPv4' ? 32 : 128);
  if (!isWhole || prefix === null || port === null) return null;
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') return null;
  return [{ kind: 'ipvs', protocol, address: prefix.address, port }];
}
