import { describe, expect, test } from 'vitest';
import { foreignPoliciesOn } from '../../../src/k8s/policy/foreign.ts';
import { answer, CLUSTER, networkOf, traceOf } from './small-cluster.ts';

/** Policies of kinds that are not evaluated: never passed over in silence where one may be about an end. CLUSTER has shop/client and shop/web. */

const object = (apiVersion: string, kind: string, spec: string, metadata = 'name: p, namespace: shop') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { ${metadata} }\nspec: ${spec}\n---\n`;
const cilium = (selector: string, rules = 'ingress: [{}]') =>
  object('cilium.io/v2', 'CiliumNetworkPolicy', `{ endpointSelector: ${selector}, ${rules} }`);
const calico = (spec: string) => object('projectcalico.org/v3', 'NetworkPolicy', spec);
const global = (spec: string, name = 'p') => object('crd.projectcalico.org/v1', 'GlobalNetworkPolicy', spec, `name: ${name}`);
const antrea = (spec: string) => object('crd.antrea.io/v1beta1', 'NetworkPolicy', spec);
const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { team: a } }\n---\n';

const on = (text: string, direction: 'ingress' | 'egress' = 'ingress', networkPolicy?: string) => {
  const { cluster } = networkOf(CLUSTER + text, networkPolicy === undefined ? {} : { flags: { networkPolicy } });
  return [...cluster.pods.values()].filter((pod) => foreignPoliciesOn(cluster, pod, direction).length > 0).map((pod) => pod.name);
};

describe('which pods one may be about', () => {
  test.each([
    ['no labels', cilium('{}'), ['client', 'web']],
    ['a label', cilium('{ matchLabels: { app: web } }'), ['web']],
    ['with the prefix k8s:', cilium('{ matchLabels: { "k8s:app": web } }'), ['web']],
    ['with the prefix any:', cilium('{ matchExpressions: [{ key: "any:app", operator: NotIn, values: [web] }] }'), ['client']],
    ['its namespace', cilium('{ matchLabels: { "k8s:io.kubernetes.pod.namespace": other } }'), []],
    [
      'a service account, of which nothing is known',
      cilium('{ matchLabels: { io.cilium.k8s.policy.serviceaccount: x } }'),
      ['client', 'web'],
    ],
    ['a node', object('cilium.io/v2', 'CiliumClusterwideNetworkPolicy', '{ nodeSelector: {}, ingress: [{}] }', 'name: p'), []],
    ['of another namespace', cilium('{}').replace('namespace: shop', 'namespace: other'), []],
    [
      'the second of several',
      cilium('{}').replace(/spec: (.*)/, 'specs: [{ endpointSelector: { matchLabels: { a: b } }, ingress: [{}] }, $1]'),
      ['client', 'web'],
    ],
    [
      'cluster-wide',
      object(
        'cilium.io/v2',
        'CiliumClusterwideNetworkPolicy',
        '{ endpointSelector: { matchLabels: { app: web } }, ingressDeny: [{}] }',
        'name: p',
      ),
      ['web'],
    ],
  ])('Cilium: %s', (_, text, pods) => {
    expect(on(text)).toEqual(pods);
  });

  test.each([
    ['all()', ['client', 'web']],
    ["app == 'web'", ['web']],
    ["app != 'web'", ['client']],
    ["tier != 'web'", ['client', 'web']],
    ["app in { 'web', 'db' }", ['web']],
    ["app not in { 'web', 'db' }", ['client']],
    ['has(app)', ['client', 'web']],
    ['!has(app)', []],
    ["has(app) && app == 'web'", ['web']],
    ["app == 'db' || app == 'web' && has(app)", ['web']],
    ["!(app == 'db' || app == 'web')", ['client']],
    ["projectcalico.org/namespace == 'shop' && app == 'web'", ['web']],
    ["app starts with 'w'", ['client', 'web']],
    ["app == 'client' && app starts with 'w'", ['client', 'web']],
  ])('Calico: %s', (selector, pods) => {
    expect(on(calico(`{ selector: "${selector}", ingress: [{ action: Deny }] }`))).toEqual(pods);
  });

  test.each([
    ["team == 'a'", '', ['client', 'web']],
    ["team == 'b'", '', ['client', 'web']],
    ["team == 'b'", namespace, []],
    ["projectcalico.org/name == 'other'", '', []],
    ['global()', '', []],
  ])('Calico, of all namespaces with %s', (selector, more, pods) => {
    expect(on(`${more}${global(`{ namespaceSelector: "${selector}", types: [Ingress] }`)}`)).toEqual(pods);
  });

  test('Calico: those of Kubernetes that its API shows once more are none, nor is one about hosts', () => {
    expect(on(global('{ types: [Ingress] }', 'knp.default.web') + global('{ types: [Ingress], preDNAT: true }', 'hosts'))).toEqual([]);
  });

  test.each([
    ['of the policy', '{ appliedTo: [{ podSelector: { matchLabels: { app: web } } }], ingress: [{ action: Drop }] }', ['web']],
    ['of a rule', '{ ingress: [{ action: Drop, appliedTo: [{ podSelector: { matchLabels: { app: client } } }] }] }', ['client']],
    ['a group', '{ appliedTo: [{ group: some }], ingress: [{ action: Drop }] }', ['client', 'web']],
  ])('Antrea: %s', (_, spec, pods) => {
    expect(on(antrea(spec))).toEqual(pods);
  });

  test('only in the directions that it has rules for', () => {
    expect([on(cilium('{}', 'egress: [{}]')), on(cilium('{}', 'egress: [{}]'), 'egress')]).toEqual([[], ['client', 'web']]);
    expect(on(calico('{ egress: [{ action: Deny }] }'))).toEqual([]);
    expect(on(calico('{ types: [Egress] }'), 'egress')).toEqual(['client', 'web']);
  });

  test('only where its own enforcer may run', () => {
    expect([on(cilium('{}'), 'ingress', 'cilium'), on(cilium('{}'), 'ingress', 'calico'), on(cilium('{}'), 'ingress', 'none')]).toEqual([
      ['client', 'web'],
      [],
      [],
    ]);
  });
});

describe('the answer', () => {
  test.each([
    [cilium('{ matchLabels: { app: web } }'), 'undetermined FACT_MISSING'],
    [cilium('{ matchLabels: { app: client } }', 'egress: [{}]'), 'undetermined FACT_MISSING'],
    [cilium('{ matchLabels: { app: client } }'), 'delivered'],
    [cilium('{ matchLabels: { app: db } }'), 'delivered'],
  ])('%s', (text, expected) => {
    expect(answer(CLUSTER + text, 'shop/client', 'shop/svc/web')).toBe(expected);
  });

  test('names the policy', () => {
    const { reason } = traceOf(CLUSTER + cilium('{}'), { source: 'shop/client', destination: 'shop/svc/web' });
    expect(reason?.message).toContain('CiliumNetworkPolicy shop/p may decide what shop/web gets');
  });

  test('what NetworkPolicy denies, one of Cilium may allow', () => {
    const deny = object('networking.k8s.io/v1', 'NetworkPolicy', '{ podSelector: { matchLabels: { app: web } } }');
    const options = { flags: { networkPolicy: 'cilium' } };
    expect(answer(CLUSTER + deny, 'shop/client', 'shop/svc/web', options)).toBe('dropped POLICY_DEFAULT_DENY');
    expect(answer(CLUSTER + deny + cilium('{}'), 'shop/client', 'shop/svc/web', options)).toBe('undetermined FACT_MISSING');
    const egress = cilium('{ matchLabels: { app: client } }', 'egress: [{}]');
    expect(answer(CLUSTER + deny + egress, 'shop/client', 'shop/svc/web', options)).toBe('dropped POLICY_DEFAULT_DENY');
  });
});
