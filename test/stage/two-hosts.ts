import { addAddress } from '../../src/datapath/add-address.ts';
import { addNic, finish, newNetns } from '../../src/datapath/build.ts';
import { addRoute, routeVia } from '../../src/datapath/builder.ts';
import { MAIN_TABLE } from '../../src/datapath/fib.ts';
import { rulesetBuilder } from '../../src/datapath/netfilter/builder.ts';
import type { Match, Rule, TableName, Target } from '../../src/datapath/netfilter/ruleset.ts';
import type { Nic, Segment } from '../../src/datapath/netns.ts';
import { ip } from '../../src/net/address.ts';
import type { Protocol } from '../../src/net/packet.ts';
import { cidr, DEFAULT_PREFIX } from '../../src/net/prefix.ts';
import { inferred } from '../../src/source/origin.ts';
import { type FlowPath, traceFlow } from '../../src/walk/flow.ts';

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
  /** FORWARD's policy on the router. */
  readonly policy?: 'ACCEPT' | 'DROP';
  readonly tracks?: boolean;
}

export function send(rules: Rules, { protocol = 'tcp', port = 80, policy = 'ACCEPT', tracks = false }: Ask = {}): readonly FlowPath[] {
  const nics: Nic[] = [];
  const segment = (name: string): Segment => ({
    name,
    origin,
    outside: false,
    known: () => [],
    owner: (a) => nics.find((n) => n.segment.name === name && n.addresses.some((x) => x.address === a)) ?? null,
  });
  const host = (
    name: string,
    places: readonly (readonly [Segment, ReturnType<typeof ip>, string])[],
    gateway: ReturnType<typeof ip> | null,
  ) => {
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
  finish(host('server', [[right, SERVER, '10.2.0.0/24']], ROUTER[1]), null);
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
  for (const [table, chain, ...list] of rules) builder.append(table, chain, ...list);
  if (policy === 'DROP') builder.policy('filter', 'FORWARD', policy);
  // A rule that no packet meets, but that asks for the connection.
  if (tracks) builder.append('raw', 'UNUSED', accept({ kind: 'ctstate', states: ['NEW'], negated: false }));
  router.rulesets.IPv4 = builder.build();
  finish(router, null);
  return traceFlow({
    netns: client,
    process: 'client',
    source: CLIENT,
    destination: SERVER,
    port: protocol === 'icmp' ? 0 : port,
    protocol,
    size: null,
  });
}
