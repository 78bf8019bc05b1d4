import { didYouMean, type Request } from '../index.ts';
import type { PacketFlags } from './flags.ts';
import { UsageError } from './io.ts';
import { oneOf } from './one-of.ts';

/** The names and flags that ask for one trace. */
export function readRequest(source: string, destination: string, flags: PacketFlags): Request {
  const { namespace, port, protocol, size, over, method, header, in: entry } = flags;
  const family = readFamily(flags);
  return {
    source,
    destination,
    ...(namespace === undefined ? {} : { namespace }),
    ...(port === undefined ? {} : { port: readPort(port) }),
    ...(protocol === undefined ? {} : { protocol: readProtocol(protocol) }),
    ...(size === undefined ? {} : { size: readSize(size) }),
    ...(method === undefined ? {} : { method }),
    ...(header === undefined ? {} : { headers: readHeaders(header) }),
    ...(entry === undefined ? {} : { in: entry }),
    ...(over === undefined ? {} : { over: readOver(over) }),
    ...(family === null ? {} : { family }),
  };
}

/** `Name: value`, as curl has it; one that is there twice has both values, as RFC 9110, 5.3 puts them together. */
function readHeaders(lines: readonly string[]): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/.exec(line) ?? [];
    if (name === '') throw new UsageError(`-H ${JSON.stringify(line)}: expected NAME: VALUE`, 'as -H "X-Canary: always"');
    const before = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}

export const PROTOCOLS = ['tcp', 'udp', 'sctp', 'icmp'] as const;

export function readProtocol(text: string): (typeof PROTOCOLS)[number] {
  const found = PROTOCOLS.find((p) => p === text.toLowerCase());
  if (found === undefined) throw new UsageError(`--protocol ${text}: expected ${PROTOCOLS.join(', ')}`, didYouMean(text, PROTOCOLS));
  return found;
}

function readPort(text: string): number | string {
  if (!/^\d+$/.test(text)) return text;
  const port = Number(text);
  if (port < 1 || port > 65535) throw new UsageError(`--port ${text}: a port is a number from 1 to 65535, or a name`);
  return port;
}

export const OVERS = ['network', 'ipc', 'volume'] as const;

function readOver(text: string): (typeof OVERS)[number] {
  const found = OVERS.find((o) => o === text);
  if (found === undefined) throw new UsageError(`--over ${text}: expected ${OVERS.join(', ')}`, didYouMean(text, OVERS));
  return found;
}

export const IP_FAMILIES = ['IPv4', 'IPv6'] as const;

/** Of -4, -6 and --family one at most; null: none of them. */
export function readFamily(flags: Pick<PacketFlags, 'family' | 4 | 6>): (typeof IP_FAMILIES)[number] | null {
  const given = [
    ...(flags[4] === true ? [{ flag: '-4', family: 'IPv4' } as const] : []),
    ...(flags[6] === true ? [{ flag: '-6', family: 'IPv6' } as const] : []),
    ...(flags.family === undefined
      ? []
      : [{ flag: `--family ${flags.family}`, family: oneOf('--family', flags.family, IP_FAMILIES, didYouMean) }]),
  ];
  const [first, second] = given;
  if (second !== undefined)
    throw new UsageError(
      `${given.map((g) => g.flag).join(' and ')}: one of them at most`,
      'without any, each family that both ends have is asked',
    );
  return first?.family ?? null;
}

const SMALLEST = 64;
const LARGEST = 65535;

export function readSize(text: string): number {
  const size = Number(text);
  if (!/^\d+$/.test(text) || size < SMALLEST || size > LARGEST)
    throw new UsageError(`--size ${text}: expected the bytes of an IP packet, from ${SMALLEST} to ${LARGEST}`);
  return size;
}
