import type { Lack } from '../../datapath/netfilter/match.ts';
import type { RejectWith } from '../../datapath/netfilter/reject-with.ts';
import type { Target } from '../../datapath/netfilter/target.ts';
import type { IpFamily } from '../../net/address.ts';
import { writesToSets } from './address-modules.ts';
import { type Context, type Stated, type TargetModule, taking } from './module.ts';
import { natTargets } from './nat-targets.ts';
import { maskedOf, numberOf } from './words.ts';

/** A target that does not change a packet's way. Its options are listed so that their arguments are known. */
const passing = (words: string, flags = ''): TargetModule => ({ options: taking(words, flags), read: () => null });
/** A target that may end a packet's way or turn it elsewhere. */
const unmodelled = (words: string, flags = ''): TargetModule => ({ options: taking(words, flags), read: () => undefined });
const verdict = (kind: 'ACCEPT' | 'DROP' | 'RETURN'): TargetModule => ({ options: {}, read: () => ({ kind }) });

/** Without one that listens, the packet is dropped, or with --queue-bypass accepted. Source: nf_queue, net/netfilter/nf_queue.c. */
const LISTENER: Lack = {
  what: 'which programs listen on its queue, and what they answer',
  command: 'cat /proc/net/netfilter/nfnetlink_queue',
  look: true,
};

const MARKS = '--set-mark --set-xmark --and-mark --or-mark --xor-mark';

/** Targets by name. Source: iptables-extensions(8). */
const TARGETS: Readonly<Record<string, TargetModule>> = {
  ACCEPT: verdict('ACCEPT'),
  DROP: verdict('DROP'),
  RETURN: verdict('RETURN'),
  REJECT: { options: taking('--reject-with'), read: readReject },
  MARK: { options: taking(MARKS), read: readMark },
  CONNMARK: {
    options: taking(`${MARKS} --nfmask --ctmask --mask --left-shift-mark --right-shift-mark`, '--save-mark --restore-mark'),
    read: readConnmark,
  },
  NOTRACK: { options: {}, read: (_, { table }) => (table === 'raw' ? { kind: 'NOTRACK' } : undefined) },
  CT: { options: taking('--helper --ctevents --expevents --zone --zone-orig --zone-reply --timeout', '--notrack'), read: readCt },
  ...natTargets,
  LOG: passing('--log-level --log-prefix', '--log-tcp-sequence --log-tcp-options --log-ip-options --log-uid --log-macdecode'),
  NFLOG: passing('--nflog-group --nflog-prefix --nflog-range --nflog-size --nflog-threshold'),
  ULOG: passing('--ulog-nlgroup --ulog-prefix --ulog-cprange --ulog-qthreshold'),
  TRACE: passing(''),
  AUDIT: passing('--type'),
  SECMARK: passing('--selctx'),
  CONNSECMARK: passing('', '--save --restore'),
  CLASSIFY: passing('--set-class'),
  CHECKSUM: passing('', '--checksum-fill'),
  TCPMSS: passing('--set-mss', '--clamp-mss-to-pmtu'),
  TCPOPTSTRIP: passing('--strip-options'),
  TOS: passing('--set-tos --and-tos --or-tos --xor-tos'),
  DSCP: passing('--set-dscp --set-dscp-class'),
  ECN: passing('', '--ecn-tcp-remove'),
  TEE: passing('--gateway --oif'),
  LED: passing('--led-trigger-id --led-delay', '--led-always-blink'),
  IDLETIMER: passing('--timeout --label', '--alarm'),
  RATEEST: passing('--rateest-name --rateest-interval --rateest-ewmalog'),
  SET: {
    options: { '--add-set': 2, '--del-set': 2, '--map-set': 2, ...taking('--timeout', '--exist --map-mark --map-prio --map-queue') },
    read: (options) => (options.some((o) => o.name === '--map-set') ? undefined : null),
    writes: writesToSets,
  },
  TTL: { options: taking('--ttl-set --ttl-dec --ttl-inc'), read: readTtl },
  HL: { options: taking('--hl-set --hl-dec --hl-inc'), read: readTtl },
  QUEUE: { ...unmodelled(''), lacks: LISTENER },
  NFQUEUE: { ...unmodelled('--queue-num --queue-balance', '--queue-bypass --queue-cpu-fanout'), lacks: LISTENER },
  TPROXY: unmodelled('--on-port --on-ip --tproxy-mark'),
  SYNPROXY: unmodelled('--mss --wscale', '--sack-perm --timestamp --timestamps'),
  CLUSTERIP: unmodelled('--hashmode --clustermac --total-nodes --local-node --hash-init', '--new'),
  HMARK: unmodelled(
    '--hmark-tuple --hmark-mod --hmark-offset --hmark-src-prefix --hmark-dst-prefix --hmark-sport-mask --hmark-dport-mask --hmark-spi-mask --hmark-proto-mask --hmark-rnd --hmark-sport --hmark-dport --hmark-spi --hmark-proto',
  ),
  SNPT: unmodelled('--src-pfx --dst-pfx'),
  DNPT: unmodelled('--src-pfx --dst-pfx'),
};

export const TARGETS_BY_NAME: ReadonlyMap<string, TargetModule> = new Map(Object.entries(TARGETS));

const REJECTS: Readonly<Record<IpFamily, Readonly<Record<string, RejectWith>>>> = {
  IPv4: {
    'icmp-net-unreachable': 'icmp-net-unreachable',
    'net-unreach': 'icmp-net-unreachable',
    'icmp-host-unreachable': 'icmp-host-unreachable',
    'host-unreach': 'icmp-host-unreachable',
    'icmp-proto-unreachable': 'icmp-proto-unreachable',
    'proto-unreach': 'icmp-proto-unreachable',
    'icmp-port-unreachable': 'icmp-port-unreachable',
    'port-unreach': 'icmp-port-unreachable',
    'icmp-net-prohibited': 'icmp-net-prohibited',
    'net-prohib': 'icmp-net-prohibited',
    'icmp-host-prohibited': 'icmp-host-prohibited',
    'host-prohib': 'icmp-host-prohibited',
    'icmp-admin-prohibited': 'icmp-admin-prohibited',
    'admin-prohib': 'icmp-admin-prohibited',
    'tcp-reset': 'tcp-reset',
    'tcp-rst': 'tcp-reset',
  },
  IPv6: {
    'icmp6-no-route': 'icmp6-no-route',
    'no-route': 'icmp6-no-route',
    'icmp6-adm-prohibited': 'icmp6-adm-prohibited',
    'adm-prohibited': 'icmp6-adm-prohibited',
    'icmp6-addr-unreachable': 'icmp6-addr-unreachable',
    'addr-unreach': 'icmp6-addr-unreachable',
    'icmp6-port-unreachable': 'icmp6-port-unreachable',
    'port-unreach': 'icmp6-port-unreachable',
    'icmp6-policy-fail': 'icmp6-policy-fail',
    'policy-fail': 'icmp6-policy-fail',
    'icmp6-reject-route': 'icmp6-reject-route',
    'reject-route': 'icmp6-reject-route',
    'tcp-reset': 'tcp-reset',
  },
};

/** REJECT exists in the table filter only. */
function readReject([option]: readonly Stated[], { family, table }: Context): Target | undefined {
  if (table !== 'filter') return undefined;
  const how = option?.args[0] ?? (family === 'IPv4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable');
  const known = Object.hasOwn(REJECTS[family], how) ? REJECTS[family][how] : undefined;
  return known === undefined ? undefined : { kind: 'REJECT', with: known };
}

/** The new mark as `--set-xmark` has it: the bits of `mask` are cleared, then those of `value` are toggled. */
function setMark([option]: readonly Stated[]): { readonly value: number; readonly mask: number } | undefined {
  const [text] = option?.args ?? [];
  const masked = maskedOf(text);
  const bits = numberOf(text);
  switch (option?.name) {
    case '--set-xmark':
      return masked ?? undefined;
    case '--set-mark':
      return masked === null ? undefined : { value: masked.value, mask: (masked.mask | masked.value) >>> 0 };
    case '--and-mark':
      return bits === null ? undefined : { value: 0, mask: ~bits >>> 0 };
    case '--or-mark':
      return bits === null ? undefined : { value: bits, mask: bits };
    case '--xor-mark':
      return bits === null ? undefined : { value: bits, mask: 0 };
    default:
      return undefined;
  }
}

function readMark(options: readonly Stated[]): Target | undefined {
  const mark = options.length === 1 ? setMark(options) : undefined;
  return mark === undefined ? undefined : { kind: 'MARK', ...mark };
}

const ALL_BITS = 0xffffffff;

function readConnmark(options: readonly Stated[]): Target | undefined {
  const of = (name: string) => options.find((o) => o.name === name);
  if (of('--left-shift-mark') !== undefined || of('--right-shift-mark') !== undefined) return undefined;
  const maskOf = (name: string) => {
    const stated = of(name) ?? of('--mask');
    return stated === undefined ? ALL_BITS : numberOf(stated.args[0]);
  };
  const [nf, ct] = [maskOf('--nfmask'), maskOf('--ctmask')];
  if (nf === null || ct === null) return undefined;
  const from = (mask: number, other: number) => (mask === other ? { mask } : { mask, from: other });
  if (of('--save-mark') !== undefined) return { kind: 'CONNMARK', action: 'save', ...from(ct, nf) };
  if (of('--restore-mark') !== undefined) return { kind: 'CONNMARK', action: 'restore', ...from(nf, ct) };
  const mark = options.length === 1 ? setMark(options) : undefined;
  return mark === undefined ? undefined : { kind: 'CONNMARK', action: 'set', ...mark };
}

/**
 * A zone is a separate conntrack table, which is not modelled. A helper adds expectations of other connections, which the one that is
 * traced does not meet.
 */
function readCt(options: readonly Stated[], { table }: Context): Target | null | undefined {
  if (table !== 'raw' || options.some((o) => o.name.startsWith('--zone'))) return undefined;
  return options.some((o) => o.name === '--notrack') ? { kind: 'NOTRACK' } : null;
}

function readTtl([option]: readonly Stated[], { family }: Context): Target | undefined {
  const value = numberOf(option?.args[0]);
  const action = (['set', 'inc', 'dec'] as const).find((a) => option?.name.endsWith(`-${a}`) === true);
  return value === null || action === undefined ? undefined : { kind: 'TTL', family, action, value };
}
