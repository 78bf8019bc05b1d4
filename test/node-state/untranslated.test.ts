import { expect, test } from 'vitest';
import { traceRequest } from '../../src/index.ts';
import { machineOf } from './machine.ts';

/** A kernel without the MASQUERADE of Docker sent the packet with the container's address, and no answer came back. */
const ROUTES =
  'default via 192.168.50.1 dev eth0 \n172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1 \n192.168.50.0/24 dev eth0 proto kernel scope link src 192.168.50.11 \n';
const RULES = '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE\nCOMMIT\n';
const WITHOUT = RULES.replace(/^-A.*\n/m, '');

test.each([
  ['without a masquerade', WITHOUT, '172.17.0.2', '198.51.100.80:443', true],
  ['with one', RULES, '172.17.0.2', '198.51.100.80:443', false],
  ['to a private address', WITHOUT, '172.17.0.2', '10.9.0.1:443', false],
  ["from the link's own", WITHOUT, 'node', '198.51.100.80:443', false],
])('%s', (_what, rules, source, destination, isSaid) => {
  const traced = traceRequest(machineOf({ 'iptables-save': rules, 'ip-route': ROUTES }), { source, destination });
  const said = traced.ok ? traced.trace.assumptions.map((a) => a.message).join('\n') : '';
  expect(said.includes('with the private source 172.17.0.2, which node does not translate')).toBe(isSaid);
});
