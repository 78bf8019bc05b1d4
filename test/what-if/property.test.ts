import { expect, test } from 'vitest';
import { loadNetwork, type Network, traceRequest } from '../../src/index.ts';
import { type Random, randomFrom } from '../fuzz/random.ts';
import { file } from '../topology/sources.ts';
import { FLAGS, OBJECTS } from './inputs.ts';

/** What if says what the files say once they are edited: changes are drawn, and made by hand in the data beside. */

const RUNS = Number(process.env['WHAT_IF_RUNS'] ?? 12);

// biome-ignore lint/suspicious/noExplicitAny: the data of files, which the program checks when it reads it
type Data = any;

const NODES = ['node-1', 'node-2', 'node-3'] as const;
const APPS = ['web', 'db', 'client'] as const;

function drawnTopology(r: Random): Data {
  const pods = Array.from({ length: 4 + r.below(4) }, (_, i) => {
    const node = r.pick(NODES);
    return {
      name: `p${i}`,
      namespace: r.pick(['shop', 'default']),
      node,
      ip: `10.244.${node.at(-1)}.${10 + i}`,
      labels: { app: r.pick(APPS) },
    };
  });
  const services = APPS.map((app, i) => ({
    name: app,
    namespace: 'shop',
    clusterIP: `10.96.0.${20 + i}`,
    selector: { app },
    ports: [{ port: 80, targetPort: 8080 }],
  }));
  return {
    apiVersion: 'k8s-trace/v1',
    kind: 'Topology',
    cluster: { podCIDR: '10.244.0.0/16', serviceCIDR: '10.96.0.0/12', cni: 'bridge', networkPolicy: 'calico' },
    nodes: NODES.map((name, i) => ({ name, ip: `192.168.1.${11 + i}`, podCIDR: `10.244.${i + 1}.0/24` })),
    pods,
    services,
    networkPolicies: APPS.filter(() => r.oneIn(2)).map((app) => ({
      name: `deny-${app}`,
      namespace: 'shop',
      podSelector: { matchLabels: { app } },
      policyTypes: ['Ingress'],
    })),
  };
}

interface Change {
  readonly patch: Data | null;
  readonly without: readonly string[];
  /** The same, done to the data. */
  readonly byHand: (topology: Data) => void;
}

const named = (list: Data, { name, namespace }: Data) => list.find((o: Data) => o.name === name && o.namespace === namespace);
const dropped = (list: Data, item: Data) => list.splice(list.indexOf(named(list, item)), 1);
const topologyOf = (lists: Data): Data => ({ apiVersion: 'k8s-trace/v1', kind: 'Topology', ...lists });

/** Each draws a change of one kind; undefined: there is nothing to change. */
const CHANGES: readonly [Draw, ...Draw[]] = [
  (t, r) => {
    const pod = r.some<Data>(t.pods);
    const labels = { app: r.pick(APPS), tier: 'x' };
    const patch = topologyOf({ pods: [{ name: pod.name, namespace: pod.namespace, labels }] });
    return { patch, without: [], byHand: (u) => Object.assign(named(u.pods, pod).labels, labels) };
  },
  (t, r) => {
    const pod = r.some<Data>(t.pods);
    return { patch: null, without: [`pod/${pod.namespace}/${pod.name}`], byHand: (u) => dropped(u.pods, pod) };
  },
  (t, r) => {
    const service = r.some<Data>(t.services);
    const ports = [{ port: 80, targetPort: r.pick([8080, 9090]) }];
    const patch = topologyOf({ services: [{ name: service.name, namespace: 'shop', ports, selector: { app: null, tier: 'x' } }] });
    const byHand = (u: Data) => Object.assign(named(u.services, service), { ports, selector: { tier: 'x' } });
    return { patch, without: [], byHand };
  },
  (t, r) => {
    const policy = r.some<Data>(t.networkPolicies);
    return policy === undefined
      ? undefined
      : { patch: null, without: [`networkpolicy/shop/${policy.name}`], byHand: (u) => dropped(u.networkPolicies, policy) };
  },
  (_, r) => {
    const spec = {
      podSelector: { matchLabels: { app: r.pick(APPS) } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: r.pick(APPS) } } }] }],
    };
    const patch = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'added', namespace: 'shop' }, spec };
    return { patch, without: [], byHand: (u) => u.networkPolicies.push({ name: 'added', namespace: 'shop', ...spec }) };
  },
  (_, r) => {
    const [node, other] = [r.pick(NODES), r.pick(NODES)];
    const routes = { add: [{ to: `10.244.${other.at(-1)}.0/25`, type: 'blackhole' }] };
    const byHand = (u: Data) => {
      u.nodes.find((n: Data) => n.name === node).routes = routes;
    };
    return { patch: topologyOf({ nodes: [{ name: node, routes }] }), without: [], byHand };
  },
  (_, r) => {
    const networkPolicy = r.pick(['none', 'kube-router']);
    const byHand = (u: Data) => {
      u.cluster.networkPolicy = networkPolicy;
    };
    return { patch: topologyOf({ cluster: { networkPolicy } }), without: [], byHand };
  },
];

type Draw = (topology: Data, r: Random) => Change | undefined;

const documents = (all: readonly Data[]) => all.map((d) => `---\n${JSON.stringify(d)}\n`).join('');

/** Without places: those of a patch are in its own file. */
const answers = (network: Network, ends: readonly string[]): readonly string[] =>
  ends.flatMap((source) =>
    ends.map((destination) => {
      const result = traceRequest(network, { source, destination: /:/.test(destination) ? destination : `${destination}:8080` });
      if (!result.ok) return result.message;
      const { whatIf: _, ...trace } = result.trace;
      const isPlace = (key: string, value: Data) =>
        (key === 'source' && value?.file !== undefined) ||
        (key === 'path' && Array.isArray(value)) ||
        ['file', 'line', 'document'].includes(key);
      const text = JSON.stringify(trace, (key, value) => (isPlace(key, value) ? null : value));
      return text.replace(/\b(base|patch)\.yaml:\d+(:\d+)?/g, '');
    }),
  );

/** Whole traces are too long to look at. */
function firstDifference(a: readonly string[] = [], b: readonly string[] = []): string | null {
  const i = a.findIndex((text, j) => text !== b[j]);
  const [one = '', other = ''] = [a[i], b[i]];
  if (i === -1) return null;
  const at = Math.max(0, [...one].findIndex((c, j) => c !== other[j]) - 200);
  return `${one.slice(at, at + 500)}\n  instead of\n${other.slice(at, at + 500)}`;
}

test('of a Topology: what if is as the edited file', () => {
  let changed = 0;
  for (let seed = 1; seed <= RUNS; seed++) {
    const r = randomFrom(seed);
    const topology = drawnTopology(r);
    const changes = Array.from({ length: 1 + r.below(3) }, () => r.pick(CHANGES)(topology, r)).filter((c) => c !== undefined);
    const edited = structuredClone(topology);
    const isClear = new Set(changes.flatMap((c) => c.without)).size === changes.flatMap((c) => c.without).length;
    if (!isClear) continue;
    // Patches come before what is left out.
    for (const c of changes.filter((x) => x.patch !== null)) c.byHand(edited);
    for (const c of changes.filter((x) => x.patch === null)) c.byHand(edited);
    const patches = changes.flatMap((c) => (c.patch === null ? [] : [c.patch]));
    const added = patches.filter((p) => p.kind === 'NetworkPolicy').length;
    if (added > 1) continue;
    const whatIf = {
      patches: patches.length === 0 ? [] : [file(documents(patches), 'patch.yaml')],
      without: changes.flatMap((c) => c.without),
    };
    const supposed = loadNetwork([file(JSON.stringify(topology), 'base.yaml')], { whatIf });
    const byHand = loadNetwork([file(JSON.stringify(edited), 'base.yaml')]);
    const plain = loadNetwork([file(JSON.stringify(topology), 'base.yaml')]);
    if (!supposed.ok || !byHand.ok || !plain.ok) {
      expect([seed, supposed.ok]).toEqual([seed, byHand.ok]);
      continue;
    }
    const ends = [...topology.pods.slice(0, 3).map((p: Data) => `${p.namespace}/${p.name}`), 'shop/svc/web:80'].map((e) => e);
    const [then, hand, now] = [supposed.value, byHand.value, plain.value].map((n) => answers(n, ends));
    expect(firstDifference(then, hand), `seed ${seed}`).toBe(null);
    if (JSON.stringify(then) !== JSON.stringify(now)) changed++;
  }
  // A tame generator proves nothing.
  expect(changed).toBeGreaterThan(RUNS / 4);
});

test('of objects: what if is as the edited file', () => {
  const objects: readonly Data[] = OBJECTS.filter((o: Data) => o.kind !== 'EndpointSlice');
  const mergedInto = (target: Data, patch: Data): Data => {
    if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
    const fields = { ...(typeof target === 'object' && !Array.isArray(target) ? target : {}) };
    for (const [key, value] of Object.entries(patch)) {
      if (value === null) delete fields[key];
      else fields[key] = mergedInto(fields[key], value);
    }
    return fields;
  };
  const fieldsFor = (kind: string, r: Random): Data =>
    ({
      Pod: r.pick<Data>([
        { metadata: { labels: { app: r.pick(APPS), tier: null } } },
        { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
      ]),
      Service: { spec: { selector: { app: r.pick(APPS) }, type: 'ClusterIP' } },
      NetworkPolicy: {
        spec: { ingress: r.pick<Data>([[{}], null, [{ from: [{ podSelector: {} }] }]]), policyTypes: ['Ingress', 'Egress'] },
      },
    })[kind];
  for (let seed = 1; seed <= RUNS; seed++) {
    const r = randomFrom(seed);
    const targets = objects.filter((o) => ['Pod', 'Service', 'NetworkPolicy'].includes(o.kind) && r.oneIn(3));
    const patches = targets.map((o) => {
      const head = { apiVersion: o.apiVersion, kind: o.kind, metadata: { name: o.metadata.name, namespace: 'shop' } };
      return mergedInto(head, fieldsFor(o.kind, r) ?? {});
    });
    const edited = objects.map((o) => {
      const patch = patches[targets.indexOf(o)];
      return patch === undefined ? o : mergedInto(o, patch);
    });
    const list = (items: readonly Data[]) => [file(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), 'base.yaml')];
    const supposed = loadNetwork(list(objects), {
      flags: FLAGS,
      whatIf: { patches: patches.length === 0 ? [] : [file(documents(patches), 'patch.yaml')] },
    });
    const byHand = loadNetwork(list(edited), { flags: FLAGS });
    if (!supposed.ok || !byHand.ok) throw new Error(`${seed}: refused`);
    const ends = ['shop/a', 'shop/b', 'shop/d', 'shop/svc/web:80'];
    expect(firstDifference(answers(supposed.value, ends), answers(byHand.value, ends)), `seed ${seed}`).toBe(null);
  }
});
