import { expect, test } from 'vitest';
import type { Fact } from '../../src/page/grid/data.ts';
import { portText } from '../../src/page/grid/port-text.ts';

const fact = (text: string): Fact => {
  const [ports = '', protocol = 'tcp'] = text.split('/');
  return {
    mark: 'reached',
    families: [],
    protocol,
    ports: ports === '' ? [] : ports.split(' '),
    says: 'delivered',
    codes: [],
    share: 1,
    assumed: false,
  };
};

test.each([
  [['80 443'], '80, 443'],
  [['443', '80'], '80, 443'],
  [['53/udp', '53'], '53/udp, 53'],
  [['/icmp', '80'], 'icmp, 80'],
  // What is stated, and what is assumed around it.
  [['1-79 81-65535', '80'], 'all tcp'],
  [['1-79', '80-90', '85-87', '92'], '1-90, 92'],
  [['1-65535', '1-65535/udp', '1-65535/sctp', '/icmp'], 'all ports, icmp'],
  [['1-65535', '1-65535/udp', '53/sctp'], 'all tcp, all udp, 53/sctp'],
])('%j: %s', (facts, text) => {
  expect(portText(facts.map(fact))).toBe(text);
});
