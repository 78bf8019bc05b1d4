import { describe, expect, test } from 'vitest';
import { file, place, SMALLEST, told } from './sources.ts';

/** What stands in an object is held against all rules about it, whatever else is wrong with it. */

const TOPOLOGY = 'apiVersion: k8s-trace/v1\nkind: Topology\n';
const CLUSTER = 'cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }\n';
const NODE = 'nodes: [{ name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }]\n';

const told2 = (text: string) => told(file(text)).map((d) => `${place(d).replace('x.yaml:', '')} ${d.code}: ${d.message}`);

describe('rules about several fields, beside a malformed one', () => {
  test.each([
    [
      'a node: its missing range, beside its malformed address',
      `${TOPOLOGY}${CLUSTER}nodes: [{ name: node-1, ip: 192.168.1.300 }]\n`,
      ['4:9 missing-field: this field is missing', '4:29 bad-value: expected an IP address, as 10.244.1.10 or fd00:10:244::10'],
    ],
    [
      'both forms of an address, of which one is malformed',
      `${SMALLEST}pods: [{ name: a, node: node-1, ip: 10.244.1.2, ips: [x] }]\n`,
      ['6:54 bad-value: state either ip or ips', '6:55 bad-value: expected an IP address, as 10.244.1.10 or fd00:10:244::10'],
    ],
    [
      'a service: its missing address and ports, beside its malformed name',
      `${SMALLEST}services: [{ name: 3 }]\n`,
      [
        '6:12 missing-field: this field is missing',
        '6:12 missing-field: a service has at least one port',
        '6:20 wrong-type: expected a string, got the number 3',
      ],
    ],
    [
      'a service of an unknown type may need neither address nor ports',
      `${SMALLEST}services: [{ name: s, type: Externalname }]\n`,
      ['6:29 bad-value: expected ClusterIP, NodePort, LoadBalancer or ExternalName'],
    ],
    [
      'a rule of two families, beside an unknown field',
      `${SMALLEST}internet: { gateway: { ip: 192.168.1.1, nat: [{ private: 10.0.0.1, public: "fd00::1", port: 3 }] } }\n`,
      ['6:76 bad-value: this is IPv6, and private is IPv4: a packet has one IP family', '6:87 unknown-field: unknown field'],
    ],
    [
      'one family twice, and one that there is not',
      `${SMALLEST}services: [{ name: s, clusterIP: None, ipFamilies: [IPv4, IPv4, ipv6], ports: [{ port: 80 }] }]\n`,
      ['6:52 bad-value: each family once', '6:65 bad-value: expected IPv4 or IPv6'],
    ],
    [
      'sysctls: an unknown one and a value out of range, beside one of the wrong type',
      `${TOPOLOGY}${CLUSTER}nodes:\n  - name: node-1\n    ip: 192.168.1.11\n    podCIDR: 10.244.1.0/24\n    sysctls: { net.ipv4.ip_forward: "1", net.ipv4.tcp_ecn: 1, net.ipv4.conf.all.rp_filter: 3 }\n`,
      [
        '8:37 wrong-type: expected a number, got the string "1"',
        '8:42 bad-value: k8s-trace does not know this sysctl',
        '8:92 bad-value: expected 0, 1 or 2',
      ],
    ],
    [
      'references: of a pod on an unknown node, and of endpoints of an unknown service',
      `${SMALLEST}pods: [{ name: a, node: node-7, containers: [{ name: c, listen: ["127.0.0.1:0"], volumeMounts: [{ name: v, mountPath: /v }] }] }]\nendpoints: [{ service: s, addresses: [{ ip: 127.0.0.1, port: 80, nodeName: node-8 }] }]\n`,
      [
        '6:25 unknown-node: there is no node node-7',
        '6:66 bad-value: 127.0.0.1:0 is not an address and a port from 1 to 65535',
        '6:105 unknown-volume: the pod has no volume v',
        '7:24 unknown-service: there is no service default/s',
        '7:45 bad-value: 127.0.0.1 cannot be an endpoint: Kubernetes takes no loopback or multicast address',
        '7:76 unknown-node: there is no node node-8',
      ],
    ],
    [
      "a service's families, and what has nothing to do with them",
      `${SMALLEST}pods: [{ name: a, node: node-7 }]\nservices: [{ name: s, clusterIP: None, ipFamilies: [IPv6], ports: [{ port: 80 }] }]\n`,
      ['6:25 unknown-node: there is no node node-7', '7:53 wrong-ip-family: the cluster has no IPv6'],
    ],
  ])('%s', (_name, text, expected) => {
    expect(told2(text)).toEqual(expected);
  });
});

describe('a misspelt field is one error, also where it is needed', () => {
  test.each([
    ['a name', `${TOPOLOGY}${CLUSTER}nodes: [{ nmae: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }]\n`, '4:11', 'name'],
    ['of the document', `${TOPOLOGY}clutser: { podCIDR: 10.244.0.0/16 }\n${NODE}`, '3:1', 'cluster'],
    ['its kind', `apiVersion: k8s-trace/v1\nknid: Topology\n${CLUSTER}${NODE}`, '2:1', 'kind'],
    ['one of two forms', `${TOPOLOGY}${CLUSTER}nodes: [{ name: node-1, ip: 192.168.1.11, podCDIR: 10.244.1.0/24 }]\n`, '4:43', 'podCIDR'],
    ['the other form', `${TOPOLOGY}${CLUSTER}nodes: [{ name: node-1, ip: 192.168.1.11, podCIDRS: [10.244.1.0/24] }]\n`, '4:43', 'podCIDRs'],
    ['needed by the type', `${SMALLEST}services: [{ name: s, type: ExternalName, exernalName: a.b }]\n`, '6:43', 'externalName'],
    ['a list', `${SMALLEST}services: [{ name: s, clusterIP: 10.96.0.1, port: [{ port: 80 }] }]\n`, '6:45', 'ports'],
    ['in one of several alternatives', `${SMALLEST}expect: [{ from: { nams: [a] }, to: a }]\n`, '6:20', 'names'],
    ['of a plugin', `${TOPOLOGY}cluster: { podCIDR: 10.244.0.0/16, cni: { plugin: bridge, bridg: b } }\n${NODE}`, '3:59', 'bridge'],
  ])('%s', (_name, text, at, meant) => {
    const found = told(file(text));
    expect(found.map((d) => [place(d).replace('x.yaml:', ''), d.hint])).toEqual([[at, `did you mean ${meant}?`]]);
  });

  test('a field that is missing as well, and no other name of the object is like it, is an error of its own', () => {
    expect(told2(`${TOPOLOGY}${CLUSTER}nodes: [{ nmae: node-1, podCIDR: 10.244.1.0/24 }]\n`)).toEqual([
      '4:9 missing-field: this field is missing',
      '4:11 unknown-field: unknown field',
    ]);
  });

  test('a field that is there is not meant by another: both are told', () => {
    expect(told2(`${TOPOLOGY}${CLUSTER}nodes: [{ name: X, nmae: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }]\n`)).toEqual([
      '4:17 bad-value: expected a name of lower case letters, digits, - and ., with a letter or digit at both ends',
      '4:20 unknown-field: unknown field',
    ]);
  });
});

describe('characters that end a line for kubectl, and not in YAML 1.2', () => {
  const head = 'apiVersion: k8s-trace/v1\nkind: Topology\n';
  const rest = `${CLUSTER}${NODE}`;
  // go-yaml, yamlprivateh.go: is_break has NEL, LS and PS beside CR and LF. YAML 1.2.2, 5.4: only CR and LF.
  test.each([
    ['U+0085', '\u0085'],
    ['U+2028', '\u2028'],
    ['U+2029', '\u2029'],
  ])('%s is refused in a comment and a plain scalar, and taken in quotes', (name, c) => {
    const message = `${name} ends a line in YAML 1.1 (which kubectl reads), and not in 1.2`;
    expect(told2(`${head}# one${c}pods: []\n${rest}expect: [{ from: a${c}b, to: x }]\n`)).toEqual([
      `3:6 yaml-syntax: ${message}`,
      `6:19 yaml-syntax: ${message}`,
    ]);
    expect(told2(`${head}${rest}expect: [{ name: "a${c}b", from: x, to: x }]\n`)).toEqual([]);
  });
});
