import { describe, expect, test } from 'vitest';
import { file, SMALLEST, told } from './sources.ts';

/** An error says what was expected, of a field that has several forms too. */

const service = (text: string) => `${SMALLEST}services:\n  - { name: web, ${text} }\n`;
const PORTS = 'ports: [{ port: 80 }]';
const CLUSTER = 'cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }\n';
const cluster = (text: string) => SMALLEST.replace(CLUSTER, `cluster: { podCIDR: 10.244.0.0/16, ${text} }\n`);
const node = (text: string) => SMALLEST.replace('podCIDR: 10.244.1.0/24 }', `podCIDR: 10.244.1.0/24, ${text} }`);
const route = (text: string) => node(`routes: { add: [{ ${text} }] }`);

interface Row {
  readonly text: string;
  readonly field: string;
  readonly says: RegExp;
}

const CASES: Readonly<Record<string, Row>> = {
  'a bad ClusterIP': {
    text: service(`clusterIP: 10.96.0.300, ${PORTS}`),
    field: 'services[0].clusterIP',
    says: /an IP address, as 10\.244\.1\.10 or/,
  },
  'a link-local ClusterIP': {
    text: service(`clusterIP: "fe80::1", ${PORTS}`),
    field: 'services[0].clusterIP',
    says: /link-local address means nothing without its device/,
  },
  'a number as ClusterIP': { text: service(`clusterIP: 10, ${PORTS}`), field: 'services[0].clusterIP', says: /expected .*address/ },
  'no ClusterIP': { text: service(PORTS), field: 'services[0].clusterIP', says: /missing/ },
  'a boolean as target port': {
    text: service('clusterIP: None, ports: [{ port: 80, targetPort: true }]'),
    field: 'services[0].ports[0].targetPort',
    says: /expected .*port/,
  },
  'an upper case port name': {
    text: service('clusterIP: None, ports: [{ port: 80, targetPort: Http }]'),
    field: 'services[0].ports[0].targetPort',
    says: /expected a port name/,
  },
  'a route with host bits': { text: route('to: 10.0.0.5/8, dev: eth0'), field: 'nodes[0].routes.add[0].to', says: /host bits/ },
  'a route to a bad prefix': { text: route('to: 10.0.0.0, dev: eth0'), field: 'nodes[0].routes.add[0].to', says: /expected a prefix/ },
  'a number as route type': {
    text: route('to: 10.0.0.0/8, type: 7'),
    field: 'nodes[0].routes.add[0].type',
    says: /expected unicast, blackhole, unreachable, prohibit or throw/,
  },
  'a number as CNI': { text: cluster('cni: 7'), field: 'cluster.cni', says: /expected .*bridge/ },
  'a list as kube-proxy': { text: cluster('kubeProxy: []'), field: 'cluster.kubeProxy', says: /expected .*iptables/ },
  'a wrong word for masquerade': { text: cluster('masquerade: off-please'), field: 'cluster.masquerade', says: /expected none/ },
  'text where ranges go': {
    text: cluster('masquerade: { nonMasqueradeCIDRs: none }'),
    field: 'cluster.masquerade.nonMasqueradeCIDRs',
    says: /expected a list/,
  },
  "a Deployment's selector": {
    text: service(`clusterIP: 10.96.0.10, ${PORTS}, selector: { matchLabels: { app: web } }`),
    field: 'services[0].selector.matchLabels',
    says: /^expected a label's value, got a mapping a Service's selector is the labels themselves, as \{ app: web \}/,
  },
  "an Ingress's word in an HTTPRoute": {
    text: `${SMALLEST}httpRoutes:\n  - { name: r, rules: [{ matches: [{ path: { type: Prefix } }] }] }\n`,
    field: 'httpRoutes[0].rules[0].matches[0].path.type',
    says: /did you mean PathPrefix\?/,
  },
  'a number too large for any': {
    text: node('devices: { eth0: { mtu: 1e999 } }'),
    field: 'nodes[0].devices.eth0.mtu',
    says: /^expected a number, got an infinite number/,
  },
  'a number too large for a whole one': {
    text: node('devices: { eth0: { mtu: 1e23 } }'),
    field: 'nodes[0].devices.eth0.mtu',
    says: /^an MTU is at most 65535/,
  },
  'a port too large for a whole number': {
    text: service('clusterIP: None, ports: [{ port: 1e23 }]'),
    field: 'services[0].ports[0].port',
    says: /^expected a port number/,
  },
  'no number': {
    text: service('clusterIP: None, ports: [{ port: .nan }]'),
    field: 'services[0].ports[0].port',
    says: /got a value that is not a number/,
  },
  'a key that is an infinite number': { text: `${SMALLEST}1e999: 1\n`, field: '["1e999"]', says: /unknown field/ },
  'a bad device name': { text: node('devices: { "eth 0": { mtu: 1500 } }'), field: 'nodes[0].devices["eth 0"]', says: /device name/ },
};

describe('what was expected', () => {
  test.each(Object.entries(CASES))('%s', (_name, { text, field, says }) => {
    const found = told(file(text));
    expect(found.map((d) => d.place?.field)).toEqual([field]);
    expect([found[0]?.message, found[0]?.hint].join(' ')).toMatch(says);
  });

  test.each(Object.entries(CASES))('%s: in our words, not in those of a library', (_name, { text }) => {
    for (const { message } of told(file(text))) expect(message).not.toMatch(/Invalid|undefined|option:|null|\|/);
  });
});

const label = (value: string) => `${SMALLEST}pods: [{ name: pod-a, node: node-1, labels: { x: ${value} } }]\n`;
const number = (value: string) => node(`sysctls: { net.ipv4.ip_forward: ${value} }`);

/** yaml.org/type/bool.html, int.html: what YAML 1.1 reads as something else than YAML 1.2's core schema does. */
describe('a plain scalar that YAML 1.1 and 1.2 understand differently', () => {
  test.each(['yes', 'No', 'ON', 'off', 'y', 'N', '010', '0755', '-017', '0o17', '0b11', '1:30', '12:30:45', '1_000', '089'])(
    '%s is an error where text is wanted, and the hint asks for quotes',
    (value) => {
      const found = told(file(label(value)));
      expect(found.map((d) => [d.code, d.place?.field, d.place?.line, d.place?.column])).toEqual([
        ['ambiguous-scalar', 'pods[0].labels.x', 6, 50],
      ]);
      expect(found[0]?.hint).toContain(`quotes: "${value}"`);
    },
  );

  test.each(['"yes"', "'010'", '"1:30"', 'yesterday', 'v010', '1:30pm', '"1_000"'])('%s is text', (value) => {
    expect(told(file(label(value)))).toEqual([]);
  });

  test.each(['01', '0b1', '0o1', 'on', 'yes'])('%s is an error where a number is wanted', (value) => {
    expect(told(file(number(value))).map((d) => d.code)).toEqual(['ambiguous-scalar']);
  });

  test.each(['1', '0', '0x1'])('%s is a number', (value) => {
    expect(told(file(number(value)))).toEqual([]);
  });

  test.each(['010', '1:30'])('%s is no boolean either', (value) => {
    expect(told(file(`${SMALLEST}pods: [{ name: pod-a, node: node-1, ready: ${value} }]\n`)).map((d) => d.place?.field)).toEqual([
      'pods[0].ready',
    ]);
  });
});
