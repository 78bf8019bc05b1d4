import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differences } from '../../src/topology/differences/index.ts';
import { mixed } from '../../src/topology/differences/mixed.ts';
import { isSame, undone, valueDifferences } from '../../src/topology/differences/values.ts';
import { readInput } from '../../src/topology/load.ts';

const RUNS = Number(process.env['RUNS'] ?? 300);

describe('values that differ', () => {
  test.each<[string, unknown, unknown, readonly string[]]>([
    ['a field', { a: 1, b: 2 }, { a: 1, b: 3 }, ['b -> b']],
    ['a field that comes', { a: 1 }, { a: 1, b: { c: 1 } }, ['none -> b']],
    ['a field that goes', { a: 1, b: [1] }, { a: 1 }, ['b -> none']],
    ['a field within', { a: { b: [{ c: 1, d: 2 }] } }, { a: { b: [{ c: 1, d: 3 }] } }, ['a.b.0.d -> a.b.0.d']],
    ['an item at the end', [1, 2], [1, 2, 3], ['none -> 2']],
    ['an item before others', [1, 2], [3, 1, 2], ['none -> 0']],
    ['an item that goes, and one that comes', [1, 2, 3, 4], [2, 3, 5, 4], ['0 -> none', 'none -> 2']],
    ['an item that differs, and one more', [{ p: 1 }, 2], [{ p: 2 }, 2, 3], ['0.p -> 0.p', 'none -> 2']],
    ['the order of fields is nothing', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
    ['null is as good as nothing', { a: null }, {}, []],
  ])('%s', (_, before, after, expected) => {
    const found = valueDifferences(before, after);
    expect(found.map((d) => `${d.before?.join('.') ?? 'none'} -> ${d.after?.join('.') ?? 'none'}`)).toEqual(expected);
    expect(isSame(undone(after, found), before)).toBe(true);
  });

  test('all of them undone make the earlier value', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.integer({ min: 0, max: 3 }), tie('list'), tie('fields')),
      list: fc.array(tie('value'), { maxLength: 5 }),
      fields: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value')),
    })).value;
    fc.assert(
      fc.property(value, value, (before, after) => {
        expect(isSame(undone(after, valueDifferences(before, after)), before)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});

const file = (text: string) => readInput([{ name: 'x.yaml', bytes: new TextEncoder().encode(text) }], {});

const TOPOLOGY = `apiVersion: k8s-trace/v1
kind: Topology
cluster:
  cni: { plugin: bridge, mtu: 1500 }
  kubeProxy: iptables
nodes:
  - { name: n1, ip: 192.168.1.11 }
pods:
  - { name: a, node: n1 }
  - { name: b, namespace: shop, node: n1 }
underlay: { mtu: 1500 }
`;

const OBJECTS = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop, uid: u1, resourceVersion: "1" }
spec: { selector: { app: web }, ports: [ { port: 80 } ] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny, namespace: shop }
spec: { podSelector: {} }
`;

describe('things that two inputs have not alike', () => {
  test.each<[string, string, string, readonly string[]]>([
    ['nothing', TOPOLOGY, TOPOLOGY, []],
    ['a field of the cluster', TOPOLOGY, TOPOLOGY.replace('mtu: 1500 }', 'mtu: 1400 }'), ['changed Topology/cluster.cni']],
    [
      'an item of a list',
      TOPOLOGY,
      TOPOLOGY.replace('{ name: a, node: n1 }', '{ name: a, node: n1, labels: { x: y } }'),
      ['changed Pod/default/a'],
    ],
    [
      'an item that comes before others',
      TOPOLOGY,
      TOPOLOGY.replace('pods:\n', 'pods:\n  - { name: z, node: n1 }\n'),
      ['added Pod/default/z'],
    ],
    ['an item that goes', TOPOLOGY, TOPOLOGY.replace('  - { name: b, namespace: shop, node: n1 }\n', ''), ['removed Pod/shop/b']],
    ['a field that goes', TOPOLOGY, TOPOLOGY.replace('underlay: { mtu: 1500 }\n', ''), ['removed Topology/underlay']],
    ['what is expected is no part of a cluster', TOPOLOGY, `${TOPOLOGY}expect: [ { from: a, to: b } ]\n`, []],
    ['an object', OBJECTS, OBJECTS.replace('port: 80', 'port: 81'), ['changed Service/shop/web']],
    ['an object that goes', OBJECTS, OBJECTS.slice(0, OBJECTS.indexOf('---')), ['removed NetworkPolicy/shop/deny']],
    ['an object that is made anew', OBJECTS, OBJECTS.replace('uid: u1, resourceVersion: "1"', 'uid: u2, resourceVersion: "9"'), []],
    ['what nobody reads', OBJECTS, OBJECTS.replace('spec: { selector', 'spec: { allocateLoadBalancerNodePorts: true, selector'), []],
    [
      'a Topology that comes, of which each thing is one',
      OBJECTS,
      `${OBJECTS}---\n${TOPOLOGY}`,
      ['added Topology/cluster', 'added Node/n1', 'added Pod/default/a', 'added Pod/shop/b', 'added Topology/underlay'],
    ],
  ])('%s', (_, before, after, expected) => {
    const [old, young] = [file(before), file(after)];
    const found = differences(old, young);
    expect(found.map((d) => `${d.change} ${d.object}`)).toEqual(expected);
    const back = mixed(
      old,
      young,
      found.map((difference) => ({ difference, parts: null })),
    );
    expect(differences(old, back)).toEqual([]);
    const inParts = found.filter((d) => d.parts.length > 0).map((difference) => ({ difference, parts: difference.parts }));
    if (inParts.length === found.length) expect(differences(old, mixed(old, young, inParts))).toEqual([]);
    expect(differences(mixed(old, young, []), young)).toEqual([]);
  });

  test('undone one by one, in any order', () => {
    const before = TOPOLOGY;
    const after = TOPOLOGY.replace('mtu: 1500 }\n  k', 'mtu: 1400 }\n  k')
      .replace('{ name: a, node: n1 }', '{ name: c, node: n1 }')
      .replace('underlay: { mtu: 1500 }\n', '');
    const [old, young] = [file(before), file(after)];
    const found = differences(old, young);
    expect(found.map((d) => d.object)).toEqual(['Topology/cluster.cni', 'Pod/default/c', 'Pod/default/a', 'Topology/underlay']);
    for (const difference of found) {
      const others = found.filter((d) => d !== difference);
      const left = differences(
        old,
        mixed(
          old,
          young,
          others.map((d) => ({ difference: d, parts: null })),
        ),
      );
      expect(left.map((d) => d.object)).toEqual([difference.object]);
    }
  });
});
