import { describe, expect, test } from 'vitest';
import { traceRequest } from '../../../src/index.ts';
import { answer, CLUSTER, networkOf, pod, service } from './small-cluster.ts';

/** Pods of objects as ends of a question: those that do not run, that an input has not all of, and names of their own. */

describe('a pod of whose containers none runs', () => {
  const states = (...all: readonly string[]) =>
    `, containerStatuses: [${all.map((s, i) => `{ name: c${i}, state: { ${s} } }`).join(', ')}]`;
  const WAITS = 'waiting: { reason: CrashLoopBackOff }';
  const ENDED = 'terminated: { exitCode: 1 }';
  const RUNS = 'running: { startedAt: "2026-11-30T10:00:00Z" }';
  const owned = (text: string) => text.replace('uid:', 'ownerReferences: [{ kind: StatefulSet, name: db, controller: true }], uid:');
  const withPod = (more: string) => CLUSTER + owned(pod('db-0', 'n2', '10.244.2.20', more));

  test.each([
    ['waits', states(WAITS), false],
    ['waits and has ended', states(WAITS, ENDED), false],
    ['runs, one of two', states(WAITS, RUNS), true],
    ['nothing is said of', '', true],
    ['an empty list is said of', states(), true],
    ['a state is cut of', states(''), true],
  ])('%s', (_, more, runs) => {
    const text = withPod(more);
    const expected = runs ? 'delivered' : 'rejected POD_NOT_RUNNING';
    const ends = [
      ['shop/client', 'shop/pod/db-0:80'],
      ['shop/client', 'shop/sts/db:80'],
      ['shop/db-0', 'shop/svc/web'],
      ['shop/sts/db', 'shop/svc/web'],
    ] as const;
    expect(ends.map(([from, to]) => answer(text, from, to))).toEqual(ends.map(() => expected));
  });

  test('a sidecar that runs is one, an init container is none', () => {
    const inits = (more: string) => {
      const db = pod('db-0', 'n2', '10.244.2.20', `${states(WAITS)}, initContainerStatuses: [{ name: init, state: { ${RUNS} } }]`);
      return CLUSTER + db.replace('nodeName: n2', `nodeName: n2, initContainers: [{ name: init${more} }]`);
    };
    expect(answer(inits(', restartPolicy: Always'), 'shop/client', 'shop/db-0:80')).toBe('delivered');
    expect(answer(inits(''), 'shop/client', 'shop/db-0:80')).toBe('rejected POD_NOT_RUNNING');
  });

  test('says how they are, and keeps its address', () => {
    const text = withPod(states(WAITS, ENDED)) + owned(pod('db-1', 'n1', '10.244.1.20'));
    const result = traceRequest(networkOf(text), { source: 'shop/client', destination: 'shop/db-0:80' });
    expect(result.ok ? [result.trace.reason?.message, result.trace.reason?.fix] : result.message).toEqual([
      'none of the containers of pod db-0 runs (c0: CrashLoopBackOff, c1: terminated)',
      [
        expect.stringMatching(/^see why it does not run \(.*\): kubectl -n shop describe pod db-0$/),
        'or name a pod of the same owner that runs: db-1',
      ],
    ]);
    expect(answer(text, 'shop/client', '10.244.2.20:80')).toBe('delivered');
    expect(answer(text, 'shop/client', 'shop/sts/db:80')).toBe('delivered');
  });
});

test.each([
  ['on which node', 'nodeName: n2, ', ''],
  ['its address', ', podIP: 10.244.2.20', ''],
])('a pod that runs, of which the input does not say %s', (what, field, none) => {
  const text = CLUSTER + pod('cut', 'n2', '10.244.2.20').replace(field, none);
  const ask = (source: string, destination: string) => {
    const result = traceRequest(networkOf(text), { source, destination });
    return result.ok
      ? [result.trace.outcome, result.trace.reason?.code, result.trace.reason?.message, result.trace.reason?.fix]
      : result.message;
  };
  const expected = [
    'undetermined',
    'FACT_MISSING',
    `pod cut runs (phase Running), and the input does not say ${what}`,
    ['ask: kubectl get pod cut -n shop -o wide'],
  ];
  expect(ask('shop/client', 'shop/cut:80')).toEqual(expected);
  expect(ask('shop/cut', 'shop/client:80')).toEqual(expected);
});

describe('a pod of a StatefulSet, of which the name of its own is not there', () => {
  const owner = 'ownerReferences: [{ kind: StatefulSet, name: db, controller: true }], uid:';
  const headless = (name: string, app: string) => service(name, `clusterIP: None, selector: { app: ${app} }`);
  const db = pod('db-0', 'n2', '10.244.2.20')
    .replace('uid:', owner)
    .replace('app: db-0', 'app: db, apps.kubernetes.io/pod-index: "0"')
    .replace('spec: {', 'spec: { hostname: db-0, subdomain: peers,');
  const fixOf = (text: string, destination: string) => {
    const result = traceRequest(networkOf(CLUSTER + text), { source: 'shop/client', destination, namespace: 'shop' });
    return result.ok ? result.trace.reason?.fix[0] : result.message;
  };
  const missing =
    /^make a headless service peers in namespace shop \(clusterIP: None\) that selects pod db-0, whose labels are app=db; then call db-0\.peers\.shop: StatefulSet db gives it that subdomain \(.*\)$/;

  test.each([
    ['below another service', db + headless('db', 'db'), 'db-0.db:80', missing],
    ['below none', db, 'db-0.peers:80', missing],
    ['with the namespace', db, 'db-0.peers.shop:80', missing],
    [
      'its service selects others',
      db + headless('peers', 'web'),
      'db-0.peers:80',
      /^let service peers \(.*\) select pod db-0, whose labels are app=db; /,
    ],
    ['its service is there: call it', db + headless('db', 'db') + headless('peers', 'db'), 'db-0.db:80', /^call db-0\.peers\.shop: /],
    [
      'of no StatefulSet',
      db.replace('StatefulSet', 'Job') + headless('db', 'db'),
      'db-0.db:80',
      /^give pod db-0 hostname: db-0 and subdomain: db /,
    ],
  ])('%s', (_, text, destination, fix) => {
    expect(fixOf(text, destination)).toMatch(fix);
  });
});
