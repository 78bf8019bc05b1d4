import { expect, test } from 'vitest';
import { answers, machineOf } from './machine.ts';

/** A list of sockets without a line for a port: a kernel that had been asked so refused the connection where TCP's listening sockets were listed. */

const HEADER = 'Netid State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n';
const ONE = `${HEADER}udp   UNCONN 0      0            0.0.0.0:5353      0.0.0.0:*    users:(("mdns",pid=3,fd=7))\n`;
const ALONE = 'State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n';

test.each([
  ['ss--tulpn', HEADER, 'rejected'],
  ['ss--tulpn', ONE, 'rejected'],
  ['sockets', HEADER, 'rejected'],
  ['ss--tln', ALONE, 'rejected'],
  ['ss--tulpn', '# ss -tulpn: no output\n', 'rejected'],
  // Of TCP nothing was asked, or not of what listens.
  ['ss--uln', ALONE, 'here'],
  ['ss--tun', HEADER, 'here'],
  ['sockets', ALONE, 'here'],
  ['sockets', ONE, 'here'],
  ['sockets', `### ss -tlnp sport = :22\n${ALONE}`, 'here'],
  ['sockets', `### ss -4 -tln\n${ALONE}`, 'here'],
  [
    'netstat--tulpn',
    'Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address Foreign Address State PID/Program name\n',
    'rejected',
  ],
])('%s: %j', (file, text, ends) => {
  const routes = 'default via 192.168.50.1 dev eth0 \n192.168.50.0/24 dev eth0 proto kernel scope link src 192.168.50.11 \n';
  expect(answers(machineOf({ [file]: text, 'ip-route': routes }), '192.168.50.1', '192.168.50.11:23')).toEqual([ends]);
});
