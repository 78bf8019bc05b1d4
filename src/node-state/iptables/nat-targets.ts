import type { PortRange } from '../../datapath/netfilter/match.ts';
import type { Target } from '../../datapath/netfilter/target.ts';
import { familyOf, type IpAddress, type IpFamily, parseAddress } from '../../net/address.ts';
import { prefixOfText } from './basic.ts';
import { type Context, type Stated, type TargetModule, taking } from './module.ts';
import { portsOf } from './words.ts';

const CHOICES = '--random --random-fully --persistent';

/** Targets of the table nat; other tables cannot have them. */
export const natTargets: Readonly<Record<string, TargetModule>> = {
  DNAT: inNat(taking('--to-destination', CHOICES), readDnat),
  SNAT: inNat(taking('--to-source', CHOICES), readSnat),
  MASQUERADE: inNat(taking('--to-ports', '--random --random-fully'), readMasquerade),
  REDIRECT: inNat(taking('--to-ports', '--random'), (options) => {
    const text = wordOf(options, '--to-ports');
    const ports = text === undefined ? null : portsOf(text, '-');
    if (text !== undefined && ports === null) return undefined;
    return onePort(ports) === undefined ? undefined : { kind: 'REDIRECT', port: onePort(ports) ?? null };
  }),
  NETMAP: inNat(taking('--to'), (options, { family }) => {
    const prefix = prefixOfText(wordOf(options, '--to') ?? '', family);
    return prefix === null ? undefined : { kind: 'NETMAP', prefix };
  }),
};

type Reader = (options: readonly Stated[], context: Context) => Target | undefined;

function inNat(options: Readonly<Record<string, number>>, read: Reader): TargetModule {
  return { options, read: (stated, context) => (context.table === 'nat' ? read(stated, context) : undefined) };
}

/** The argument of an option that the rule has once. */
const wordOf = (options: readonly Stated[], name: string): string | undefined => {
  const [only, ...more] = options.filter((o) => o.name === name);
  return more.length > 0 ? undefined : only?.args[0];
};
const has = (options: readonly Stated[], name: string) => options.some((o) => o.name === name);

interface Range {
  /** Null: the packet keeps its address. */
  readonly address: IpAddress | null;
  readonly ports: PortRange | null;
}

/** `10.0.0.1`, `10.0.0.1:80`, `[fd00::1]:80-90`, `:80`. A range of several addresses is not modelled: the kernel chooses by a hash. */
function rangeOf(text: string, family: IpFamily): Range | null {
  const found = family === 'IPv4' ? /^([^:]*)(?::(.+))?$/.exec(text) : /^(?:\[([^\]]*)\](?::(.+))?|([^[\]]+))$/.exec(text);
  if (found === null) return null;
  const [, host = found[3] ?? '', port] = found;
  const [first, last = first, ...more] = host.split('-');
  const address = host === '' ? null : parseAddress(first ?? '');
  const isOne = more.length === 0 && first === last;
  if (!isOne || (host !== '' && (address === null || familyOf(address) !== family))) return null;
  const ports = port === undefined ? null : portsOf(port, '-');
  return port !== undefined && ports === null ? null : { address, ports };
}

/** Null: the rule has no port. Undefined: it has several, and the kernel's choice is not known. */
const onePort = (ports: PortRange | null): number | null | undefined =>
  ports === null ? null : ports.first === ports.last ? ports.first : undefined;

function readDnat(options: readonly Stated[], { family }: Context): Target | undefined {
  const range = rangeOf(wordOf(options, '--to-destination') ?? '', family);
  const port = range === null ? undefined : onePort(range.ports);
  if (range === null || port === undefined) return undefined;
  if (range.address !== null) return { kind: 'DNAT', address: range.address, port };
  return port === null ? undefined : { kind: 'DNAT-PORT', port };
}

function readSnat(options: readonly Stated[], { family }: Context): Target | undefined {
  const range = rangeOf(wordOf(options, '--to-source') ?? '', family);
  if (range === null || range.address === null) return undefined;
  return {
    kind: 'SNAT',
    address: range.address,
    ...(has(options, '--random') ? { random: true } : {}),
    ...(has(options, '--random-fully') ? { randomFully: true } : {}),
    ...(range.ports === null ? {} : { ports: range.ports }),
  };
}

function readMasquerade(options: readonly Stated[]): Target | undefined {
  const text = wordOf(options, '--to-ports');
  const ports = text === undefined ? null : portsOf(text, '-');
  if (text !== undefined && ports === null) return undefined;
  return {
    kind: 'MASQUERADE',
    randomFully: has(options, '--random-fully'),
    ...(has(options, '--random') ? { random: true } : {}),
    ...(ports === null ? {} : { ports }),
  };
}
