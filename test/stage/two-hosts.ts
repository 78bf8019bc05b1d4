import { addAddress } from '../../src/datapath/add-address.ts';
import { addNic, finish, newNetns } from '../../src/datapath/build.ts';
import { addRoute, routeVia } from '../../src/datapath/builder.ts';
import { MAIN_TABLE } from '../../src/datapath/fib.ts';
import { type RulesetBuilder, rulesetBuilder } from '../../src/datapath/netfilter/builder.ts';
import type { Match } from '../../src/datapath/netfilter/match.ts';
import type { Rule, TableName } from '../../src/datapath/netfilter/ruleset.ts';
import type { Target } from '../../src/datapath/netfilter/target.ts';
import type { Netns, Nic, Segment } from '../../src/datapath/netns.ts';
import type { Overrides } from '../../src/datapath/overrides.ts';
import { type IpAddress, ip } from '../../src/net/address.ts';
import type { Protocol } from '../../src/net/packet.ts';
import { cidr, DEFAULT_PREFIX } from '../../src/net/prefix.ts';
import { inferred } from '../../src/source/origin.ts';
import { traceFlow } from '../../src/walk/flow.ts';
import type { Flow, FlowPath } from '../../src/walk/flow-path.ts';

/** A client and a server with a router between them that has whatever rules a test wants: Linux only, no Kubernetes. */
export const CLIENT = ip('10.1.0.2');
const SERVER = ip('10.2.0.2');
const ROUTER = [ip('10.1.0.1'), ip('10.2.0.1')] as const;
const origin = inferred(null);

export const rule = (matches: readonly Match[], target: Target | null): Rule => ({ matches, target, comment: null, origin });
export const drop = (...matches: Match[]) => rule(matches, { kind: 'DROP' });
export const accept = (...matches: Match[]) => rule(matches, { kind: 'ACCEPT' });

/** Rules by table and chain, in order. */
export type Rules = readonly (readonly [table: TableName, chain: string, ...rules: Rule[]])[];

export interface Ask {
  readonly protocol?: Protocol;
  readonly port?: number;
  readonly destination?: IpAddress;
  /** Who calls; left out: the client. */
  readonly source?: 'client' | 'router';
  /** FORWARD's policy on the router. */
  readonly policy?: 'ACCEPT' | 'DROP';
  readonly tracks?: boolean;
}

export function send(rules: Rules, ask: Ask = {}): readonly FlowPath[] {
  const { policy = 'ACCEPT', tracks = false } = ask;
  return traceFlow(
    twoHosts((builder) => {
      for (const [table, chain, ...list] of rules) builder.append(table, chain, ...list);
      if (policy === 'DROP') builder.policy('filter', 'FORWARD', policy);
      // A rule that no packet meets, but that asks for the connection.
      if (tracks) builder.append('raw', 'UNUSED', accept({ kind: 'ctstate', states: ['NEW'], negated: false }));
    }, ask).flow,
  );
}

interface TwoHosts {
  readonly all: readonly Netns[];
  readonly flow: Flow;
}

/** The network with the router's rules, and the connection that is asked for. */
export function twoHosts(
  program: (router: RulesetBuilder) => void,
  { protocol = 'tcp', port = 80, destination = SERVER, source = 'client' }: Ask = {},
  overrides: Overrides | null = null,
): TwoHosts {
  const nics: Nic[] = [];
  const segment = (name: string): Segment => ({
    name,
    origin,
    outside: false,
    fabric: null,
    refuses: () => null,
    known: () => nics.filter((n) => n.segment.name === name).flatMap((n) => n.addresses.map((a) => a.address)),
    proxies: () => [],
    owner: (a) => nics.find((n) => n.segment.name === name && n.addresses.some((x) => x.address === a)) ?? null,
  });
  const host = (name: string, places: readonly (readonly [Segment, IpAddress, string])[], gateway: IpAddress | null) => {
    const builder = newNetns({ name, node: name, role: 'node' }, origin, [
      { protocol: null, address: null, port: null, process: name, origin },
    ]);
    for (const [i, [link, address, prefix]] of places.entries()) {
      const nic = addNic(builder, `eth${i}`, link, 1500, origin);
      nics.push(nic);
      addAddress(builder, nic, address, cidr(prefix), origin);
    }
    if (gateway !== null) addRoute(builder, MAIN_TABLE, routeVia(DEFAULT_PREFIX.IPv4, gateway, 'eth0', origin));
    return builder;
  };
  const [left, right] = [segment('left'), segment('right')];
  const client = finish(host('client', [[left, CLIENT, '10.1.0.0/24']], ROUTER[0]), null);
  const server = finish(host('server', [[right, SERVER, '10.2.0.0/24']], ROUTER[1]), null);
  const router = host(
    'router',
    [
      [left, ROUTER[0], '10.1.0.0/24'],
      [right, ROUTER[1], '10.2.0.0/24'],
    ],
    null,
  );
  router.sysctls.set('net.ipv4.ip_forward', { value: 1, origin });
  const builder = rulesetBuilder();
  program(builder);
  router.rulesets.IPv4 = builder.build();
  const middle = finish(router, overrides);
  return {
    all: [client, middle, server],
    flow: {
      netns: source === 'client' ? client : middle,
      process: source,
      source: source === 'client' ? CLIENT : ROUTER[1],
      destination,
      port: protocol === 'icmp' ? 0 : port,
      protocol,
      size: null,
    },
  };
}
