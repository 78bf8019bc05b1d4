import { describe, expect, test } from 'vitest';
import { askIn, networkOf } from '../tracing.ts';

const topology = (firewall: string) => `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes:
  - { name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }
  - { name: node-2, ip: 192.168.1.12, podCIDR: 10.244.2.0/24, firewall: ${firewall} }
pods:
  - { name: a, node: node-1 }
  - { name: b, node: node-2 }
  - { name: h, node: node-2, hostNetwork: true }
`;

/** The question, and what is said: the code, which rule it was, and the change that helps. */
describe("a node's own rules are named, with a change that lets the packet pass", () => {
  test.each([
    [
      '{ forward: { default: deny } }',
      'a',
      'b:80',
      'FILTER_DROP',
      'the default of its firewall.forward (deny)',
      'set the default of firewall.forward of node-2 to allow',
    ],
    [
      '{ forward: { default: reject } }',
      'a',
      'b:80',
      'FILTER_REJECT',
      'the default of its firewall.forward (reject)',
      'set the default of firewall.forward of node-2 to allow',
    ],
    [
      '{ forward: [ { action: deny, to: 10.244.2.0/24 } ] }',
      'a',
      'b:80',
      'FILTER_DROP',
      'rule 1 of its firewall.forward: deny everything to 10.244.2.0/24',
      'take rule 1 of firewall.forward of node-2 away',
    ],
    [
      '{ input: { default: deny } }',
      'a',
      '192.168.1.12:22',
      'FILTER_DROP',
      'the default of its firewall.input (deny)',
      'add { action: allow, from: 192.168.1.11/32, to: 192.168.1.12/32, ports: [22/tcp] } to the rules of firewall.input',
    ],
    [
      '{ input: [ { action: allow, ports: [80/tcp] }, { action: reject, name: ssh, ports: [22/tcp] } ] }',
      'a',
      '192.168.1.12:22',
      'FILTER_REJECT',
      'rule 2 (ssh) of its firewall.input: reject 22/tcp',
      'put { action: allow, from: 192.168.1.11/32, to: 192.168.1.12/32, ports: [22/tcp] } before rule 2',
    ],
    // The answer to what the node itself asks comes in by INPUT, where no rule knows the connection.
    [
      '{ input: { default: deny } }',
      'node-2',
      'a:80',
      'FILTER_DROP',
      'the default of its firewall.input (deny)',
      'set the default of firewall.input of node-2 to allow',
    ],
  ])('%s: %s to %s', (firewall, source, destination, code, rule, fix) => {
    const { reason } = askIn(networkOf(topology(firewall)), source, destination);
    expect(reason?.code).toBe(code);
    expect(reason?.message).toContain(rule);
    expect(reason?.fix[0]).toContain(fix);
    expect(reason?.source).toMatchObject({ line: 6 });
  });
});
