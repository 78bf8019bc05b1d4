import type { PolicyDirection } from '../datapath/policy-point.ts';
import type { Pod, TransportProtocol } from '../k8s/pod.ts';
import type { Policy } from '../k8s/policy/policy.ts';
import { PROTOCOLS, type Protocol } from '../net/packet.ts';
import { LAST_PORT } from '../net/port.ts';
import { keyOf, type Verdict } from './verdict.ts';

/** Port numbers, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Ports of one protocol of which both ends say the same. */
export interface PortsVerdict extends Verdict {
  readonly protocol: Protocol;
  /** Ascending; empty: the protocol has none. */
  readonly ports: readonly PortRange[];
}

const FIRST = 1;

export const WITH_PORTS = PROTOCOLS.filter((p) => p !== 'icmp');

/** The ports at which the answer of policies may change, ascending: between two of them no rule tells ports apart. */
export type Borders = Readonly<Record<TransportProtocol, readonly number[]>>;

export const NO_BORDERS: Borders = { tcp: [FIRST], udp: [FIRST], sctp: [FIRST] };

/** A port that has a name on some pod. */
export type NamedPort = PortRange & { readonly protocol: TransportProtocol };

/** `named`: the ports that a name stands for. */
export function borders(policies: readonly Policy[], direction: PolicyDirection, named: (name: string) => readonly NamedPort[]): Borders {
  const starts = { tcp: new Set([FIRST]), udp: new Set([FIRST]), sctp: new Set([FIRST]) };
  const add = (protocol: TransportProtocol, { first, last }: PortRange) => {
    starts[protocol].add(first);
    if (last < LAST_PORT) starts[protocol].add(last + 1);
  };
  for (const policy of policies)
    for (const rule of policy[direction] ?? [])
      for (const { protocol, port } of rule.ports ?? []) {
        if (port === null) continue;
        const ranges = 'name' in port ? named(port.name) : WITH_PORTS.map((p) => ({ ...port, protocol: p }));
        for (const range of ranges) if (protocol === null || protocol === range.protocol) add(range.protocol, range);
      }
  const sorted = (of: ReadonlySet<number>) => [...of].sort((a, b) => a - b);
  return { tcp: sorted(starts.tcp), udp: sorted(starts.udp), sctp: sorted(starts.sctp) };
}

export const namedPorts = (receivers: readonly Pod[], name: string): readonly NamedPort[] =>
  receivers
    .flatMap((pod) => pod.containers)
    .flatMap((c) => c.ports)
    .flatMap((p) => (p.name === name ? [{ first: p.port, last: p.port, protocol: p.protocol }] : []));

/** Asks at one port of each piece. */
export function piecewise<T>(starts: readonly number[], ask: (port: number) => T): (port: number) => T {
  const known = new Map<number, T>();
  return (port) => {
    const start = starts.findLast((s) => s <= port) ?? FIRST;
    const answer = known.get(start) ?? ask(start);
    known.set(start, answer);
    return answer;
  };
}

/** Pieces of which the same is said are one entry, in the order of their first ports. */
export function allPorts(starts: readonly number[], protocol: Protocol, verdictAt: (port: number) => Verdict): readonly PortsVerdict[] {
  const found = new Map<string, { readonly verdict: Verdict; readonly ports: PortRange[] }>();
  for (const [i, first] of starts.entries()) {
    const last = (starts[i + 1] ?? LAST_PORT + 1) - 1;
    const verdict = verdictAt(first);
    const key = keyOf(verdict);
    const known = found.get(key);
    const before = known?.ports.at(-1);
    if (known === undefined) found.set(key, { verdict, ports: [{ first, last }] });
    else if (before?.last === first - 1) known.ports.splice(-1, 1, { first: before.first, last });
    else known.ports.push({ first, last });
  }
  return [...found.values()].map(({ verdict, ports }) => ({ protocol, ports, ...verdict }));
}
