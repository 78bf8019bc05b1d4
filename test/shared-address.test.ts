import { describe, expect, test } from 'vitest';
import { loadNetwork, traceRequest } from '../src/index.ts';
import { node, pod, service } from './topology/kubernetes/small-cluster.ts';
import { file } from './topology/sources.ts';

/** Two running pods of a dump have one address: that of a node that was lost, and the one that got it since. */

const CLUSTER =
  node('n1', '10.0.0.1', '10.244.0.0/24') +
  node('n2', '10.0.0.2', '10.244.1.0/24') +
  service('new', 'clusterIP: 10.96.0.5, selector: { app: new }').replace(', targetPort: 8080', '');

function networkOf(...pods: readonly string[]) {
  const loaded = loadNetwork([file(CLUSTER + pods.join(''))]);
  if (!loaded.ok) throw new Error(loaded.diagnostics.map((d) => d.message).join('\n'));
  return { network: loaded.value, codes: loaded.warnings.map((w) => w.code) };
}

const shared = networkOf(pod('web', 'n1', '10.244.0.5'), pod('old', 'n2', '10.244.1.5'), pod('new', 'n2', '10.244.1.5'));
const ended = networkOf(
  pod('web', 'n1', '10.244.0.5'),
  pod('old', 'n2', '10.244.1.5').replace('Running', 'Succeeded'),
  pod('new', 'n2', '10.244.1.5'),
);

function answer({ network }: typeof shared, source: string, destination: string) {
  const result = traceRequest(network, { source, destination });
  if (!result.ok) throw new Error(result.message);
  const { outcome, reason, paths } = result.trace;
  return { outcome, at: paths.map((p) => p.forward.hops.at(-1)?.netns), why: reason?.message ?? null };
}

describe('two running pods with one address', () => {
  test('are said', () => {
    expect(shared.codes).toContain('address-twice');
    expect(ended.codes).not.toContain('address-twice');
  });

  test.each([
    ['shop/web', 'shop/pod/old:80', 'shop/old'],
    ['shop/web', 'shop/pod/new:80', 'shop/new'],
    ['shop/old', 'shop/web:80', 'shop/web'],
    ['shop/pod/new', 'shop/web:80', 'shop/web'],
  ])('%s to %s is about the pods that are named', (source, destination, at) => {
    expect(answer(shared, source, destination)).toEqual({ outcome: 'delivered', at: [at], why: null });
  });

  test.each(['10.244.1.5:80', 'shop/svc/new:80'])('shop/web to %s is undetermined', (destination) => {
    const { outcome, why } = answer(shared, 'shop/web', destination);
    expect(outcome).toBe('undetermined');
    expect(why).toContain('10.244.1.5');
  });

  test.each(['10.244.1.5:80', 'shop/svc/new:80'])('shop/web to %s is delivered where the other has ended', (destination) => {
    expect(answer(ended, 'shop/web', destination)).toEqual({ outcome: 'delivered', at: ['shop/new'], why: null });
  });
});

describe('two services with one ClusterIP', () => {
  const called = (port: number) => service('other', 'clusterIP: 10.96.0.5, selector: { app: web }').replace('port: 80', `port: ${port}`);
  const ask = (more: string, destination: string, source = 'shop/web') =>
    answer(networkOf(pod('web', 'n1', '10.244.0.5'), pod('new', 'n2', '10.244.1.5'), more), source, destination);

  test.each([
    ['by its address', '10.96.0.5:80', 'shop/web'],
    ['by its name, as the first', 'shop/svc/new:80', 'shop/web'],
    ['by its name, as the second', 'shop/svc/other:80', 'shop/web'],
    ['by a node', 'shop/svc/other:80', 'n1'],
  ])('at one port, %s: whose rules come first is not known', (_, destination, source) => {
    expect(ask(called(80), destination, source)).toMatchObject({
      outcome: 'undetermined',
      why: 'services shop/new and shop/other have one ClusterIP, 10.96.0.5, and whose rules kube-proxy writes first the input does not say',
    });
  });

  test('at two ports each has its own', () => {
    expect(ask(called(81), 'shop/svc/new:80').outcome).toBe('delivered');
    expect(ask(called(81), '10.96.0.5:81').outcome).toBe('delivered');
  });
});
