import { describe, expect, it } from 'vitest';
import type {
  PolicyDecision,
  PolicyDirection,
  PolicyPacket,
  PolicyPlace,
  PolicyPoint,
  PolicyPoints,
  PolicyRef,
} from '../../src/datapath/policy-point.ts';
import { describe as wordsOf } from '../../src/hop/describe.ts';
import { describeFailure } from '../../src/hop/failure.ts';
import { ip } from '../../src/net/address.ts';
import { inferred } from '../../src/source/origin.ts';
import { traceFlow } from '../../src/walk/flow.ts';
import { type Ask, accept, CLIENT, drop, type Rules, rule, twoHosts } from './two-hosts.ts';

/** Points on the router, for packets out of the client and into the server, as if both were pods of it: Linux only, no Kubernetes. */
const SERVER = ip('10.2.0.2');
const origin = inferred(null);
const policy = (name: string, kind = 'NetworkPolicy'): PolicyRef => ({
  kind,
  namespace: kind === 'NetworkPolicy' ? 'shop' : null,
  name,
  tier: kind === 'NetworkPolicy' ? 'NetworkPolicy' : 'Admin',
  priority: kind === 'NetworkPolicy' ? null : 10,
  origin,
});

const none: PolicyDecision = { verdict: 'none', selected: [], decidedBy: null, candidates: [], missing: null };
const by = (p: PolicyRef, action: 'Allow' | 'Deny', rule: number | null) => ({ policy: p, rule, peer: null, port: null, action, origin });
const isolating = policy('web');
const strict = policy('strict', 'AdminNetworkPolicy');
const allow: PolicyDecision = { ...none, verdict: 'allow', selected: [isolating], decidedBy: by(isolating, 'Allow', 0) };
const deny: PolicyDecision = { ...none, verdict: 'deny', selected: [isolating], decidedBy: by(isolating, 'Deny', null) };
const denied: PolicyDecision = { ...none, verdict: 'deny', selected: [strict], decidedBy: by(strict, 'Deny', 2) };
const unknown: PolicyDecision = {
  ...none,
  verdict: 'unknown',
  selected: [isolating],
  missing: { text: 'the labels of namespace x', command: 'kubectl get namespace x', origin },
};

interface World {
  readonly egress?: PolicyDecision;
  readonly ingress?: PolicyDecision;
  readonly place?: PolicyPlace;
  readonly refuses?: PolicyPoint['refuses'];
  readonly rules?: Rules;
  readonly ask?: Ask;
}

const REJECT = { IPv4: 'icmp-port-unreachable', IPv6: 'icmp6-port-unreachable' } as const;

function send({ egress, ingress, place = { kind: 'hooks', atInput: true }, refuses = 'drop', rules = [], ask }: World) {
  const seen: string[] = [];
  const point = (direction: PolicyDirection, decision: PolicyDecision | undefined): PolicyPoint | null =>
    decision === undefined
      ? null
      : {
          direction,
          pod: direction === 'egress' ? 'shop/client' : 'shop/server',
          enforcer: 'calico',
          refuses,
          selects: () => decision.selected.length > 0,
          sees: (packet) => ({ ...packet, fromWorld: null }),
          judge(packet) {
            seen.push(`${direction} ${tell(packet)}`);
            return { decision, skipped: [] };
          },
        };
  const all = { egress: point('egress', egress), ingress: point('ingress', ingress) };
  const points: PolicyPoints = { place, at: (d, a) => (a === (d === 'egress' ? CLIENT : SERVER) ? all[d] : null) };
  const { flow } = twoHosts((router) => {
    for (const [table, chain, ...list] of rules) router.append(table, chain, ...list);
    router.policies(points);
  }, ask);
  return { paths: traceFlow(flow), seen: [...new Set(seen)] };
}

const tell = ({ protocol, source, destination, destinationPort }: Omit<PolicyPacket, 'fromWorld'>) => {
  const name = (a: unknown) => (a === CLIENT ? 'client' : a === SERVER ? 'server' : 'other');
  return `${protocol} ${name(source)} ${name(destination)} ${destinationPort}`;
};

/** What was asked, and what came of it, of one connection: `policy` and `skip` hops by walk. */
function told(world: World) {
  const { paths, seen } = send(world);
  const [path] = paths;
  if (path === undefined || paths.length !== 1) throw new Error('one path is expected');
  const hops = (['forward', 'reply', 'ack'] as const).flatMap((name) =>
    (path[name]?.hops ?? []).flatMap((h) => {
      if (h.kind === 'policy') return [`${name} ${h.direction} ${h.decision.verdict}`];
      if (h.kind === 'skip' && h.skipped.mechanism === 'policy') return [`${name} ${h.skipped.direction} skip ${h.skipped.skip.why}`];
      return [];
    }),
  );
  return { end: [path.outcome, path.client, path.failure?.code ?? null], hops, seen, path };
}

const delivered = ['delivered', 'answer', null];
const dropped = ['dropped', 'time-out', 'POLICY_DEFAULT_DENY'];

type Row = readonly [name: string, world: World, end: readonly (string | null)[], hops: readonly string[]];

const rows: readonly Row[] = [
  ['nothing is about either', { egress: none, ingress: none }, delivered, ['forward egress none', 'forward ingress none']],
  [
    'out of one, then into the other; what follows is known',
    { egress: allow, ingress: allow },
    delivered,
    ['forward egress allow', 'forward ingress allow', 'ack egress skip known-connection', 'ack ingress skip known-connection'],
  ],
  ['no rule lets it out: the other end is not asked', { egress: deny, ingress: allow }, dropped, ['forward egress deny']],
  ['no rule lets it in', { egress: none, ingress: deny }, dropped, ['forward egress none', 'forward ingress deny']],
  ['a rule denies it', { ingress: denied }, ['dropped', 'time-out', 'POLICY_EXPLICIT_DENY'], ['forward ingress deny']],
  ['UDP', { ingress: deny, ask: { protocol: 'udp' } }, dropped, ['forward ingress deny']],
  [
    'refused: the client hears of it',
    { ingress: deny, refuses: REJECT },
    ['rejected', 'refused', 'POLICY_DEFAULT_DENY'],
    ['forward ingress deny'],
  ],
  [
    'refused, and the client is never told: a rule keeps the error back',
    { ingress: deny, refuses: REJECT, rules: [['filter', 'OUTPUT', drop({ kind: 'protocol', protocol: 'icmp', negated: false })]] },
    ['dropped', 'time-out', 'POLICY_DEFAULT_DENY'],
    ['forward ingress deny'],
  ],
  [
    'before the filter table, which would accept it',
    { ingress: deny, rules: [['filter', 'FORWARD', accept()]] },
    dropped,
    ['forward ingress deny'],
  ],
  [
    'and before the one that would drop it',
    { ingress: allow, rules: [['filter', 'FORWARD', drop()]] },
    ['dropped', 'time-out', 'FILTER_DROP'],
    ['forward ingress allow'],
  ],
  [
    'to the machine itself: egress is asked at INPUT',
    { egress: deny, ask: { destination: ip('10.1.0.1') } },
    dropped,
    ['forward egress deny'],
  ],
  [
    'from the machine itself: never kept out',
    { ingress: deny, ask: { source: 'router' } },
    delivered,
    ['forward ingress skip own-node', 'ack ingress skip known-connection'],
  ],
  ['a pod that nothing is about, from the machine itself', { ingress: none, ask: { source: 'router' } }, delivered, []],
];

describe('a policy point at the hooks', () => {
  it.each(rows)('%s', (_name, world, end, hops) => {
    const found = told(world);
    expect(found.end).toEqual(end);
    expect(found.hops).toEqual(hops);
  });
});

/** Egress and ingress as each place sees the packet: `client > 10.9.9.9:80` is sent on to the server's port 8080, and masqueraded. */
const TRANSLATED: Rules = [
  ['nat', 'PREROUTING', rule([], { kind: 'DNAT', address: SERVER, port: 8080 })],
  ['nat', 'POSTROUTING', rule([], { kind: 'MASQUERADE', randomFully: false })],
];
const places: readonly (readonly [name: string, place: PolicyPlace, seen: readonly string[]])[] = [
  [
    'at the hooks: after DNAT, before a masquerade',
    { kind: 'hooks', atInput: true },
    ['egress tcp client server 8080', 'ingress tcp client server 8080'],
  ],
  [
    'on the device, before any rule',
    { kind: 'device', egress: 'before-dnat', ingress: 'before-snat' },
    ['egress tcp client other 80', 'ingress tcp client server 8080'],
  ],
  [
    'on the device, after DNAT',
    { kind: 'device', egress: 'after-dnat', ingress: 'before-snat' },
    ['egress tcp client server 8080', 'ingress tcp client server 8080'],
  ],
  // The machine's own address is that of its own machine: it always passes.
  ['on the device, after all rules', { kind: 'device', egress: 'after-dnat', ingress: 'after-snat' }, ['egress tcp client server 8080']],
];

describe('the addresses that a policy sees', () => {
  it.each(places)('%s', (_name, place, seen) => {
    const found = told({ egress: allow, ingress: allow, place, rules: TRANSLATED, ask: { destination: ip('10.2.0.9') } });
    expect(found.seen).toEqual(seen);
    expect(found.end).toEqual(delivered);
  });
  it('have no port where the protocol has none', () => {
    expect(told({ ingress: allow, ask: { protocol: 'icmp' } }).seen).toEqual(['ingress icmp client server null']);
  });
});

const open: readonly (readonly [name: string, world: World, end: readonly (string | null)[]])[] = [
  ['whether it gets through', { ingress: unknown }, ['undetermined', 'unknown', 'FACT_MISSING']],
  ['it dies at the next one anyway', { egress: unknown, ingress: deny }, dropped],
  ['at two of them', { egress: unknown, ingress: unknown }, ['undetermined', 'unknown', 'FACT_MISSING']],
  [
    'it is kept out by a rule anyway, but by another cause',
    { ingress: unknown, rules: [['filter', 'FORWARD', drop()]] },
    ['undetermined', 'unknown', 'FACT_MISSING'],
  ],
];

describe('a policy that nobody knows the answer of', () => {
  it.each(open)('%s', (_name, world, end) => expect(told(world).end).toEqual(end));
});

describe('in words', () => {
  const failure = (world: World) => {
    const found = told(world).path.failure;
    return found === null ? '' : describeFailure(found);
  };
  it('names the policies that isolate, the packet and the enforcer', () => {
    expect(failure({ ingress: deny })).toBe(
      'NetworkPolicy shop/web isolates shop/server for ingress, and none of its rules allows tcp from 10.1.0.2 to shop/server port 80: calico drops it',
    );
    expect(failure({ egress: { ...deny, selected: [isolating, policy('all')] }, refuses: REJECT })).toBe(
      'NetworkPolicies shop/web and shop/all isolate shop/client for egress, and none of their rules allows tcp from shop/client to 10.2.0.2 port 80: calico refuses it',
    );
  });
  it('names the rule that denies', () => {
    expect(failure({ ingress: denied })).toBe(
      'AdminNetworkPolicy strict denies tcp from 10.1.0.2 to shop/server port 80 (ingress[2]): calico drops it',
    );
  });
  it('says what is missing', () => {
    expect(failure({ ingress: unknown })).toBe(
      'whether policies let this into shop/server is not known: the input does not say the labels of namespace x',
    );
  });
  it('of a hop name the rule with its peer and port', () => {
    const decidedBy = { ...by(isolating, 'Allow', 0), peer: 1, port: 0 };
    const hop = told({ ingress: { ...allow, decidedBy } }).path.forward.hops.find((h) => h.kind === 'policy');
    expect(hop === undefined ? '' : wordsOf(hop)).toBe('NetworkPolicy shop/web lets it into shop/server (ingress[0].from[1], ports[0])');
  });
});
