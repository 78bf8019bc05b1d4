/**
 * The four pods' world in IPv6: a text of IPv4 with each address in its IPv6 form, as fixtures/ipv6/four-pods.yaml has them, and the
 * kernel's own names for what it has by family.
 */
export function asIpv6(text: string): string {
  return text
    .replace(/(\d+\.\d+\.\d+\.\d+)(\/\d+)?(:(?=\d))?/g, (_, address: string, length = '', colon = '') => {
      const written = `${ADDRESSES[address] ?? translated(address)}${LENGTHS[length] ?? ''}`;
      return colon === '' ? written : `[${written}]:`;
    })
    .replaceAll('net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding')
    .replaceAll('bridge-nf-call-iptables', 'bridge-nf-call-ip6tables')
    .replaceAll('iptables is not asked', 'ip6tables is not asked')
    .replaceAll(/ \(or conf\.\w+\.forwarding\)/g, '')
    .replaceAll(/\bICMP (?=echo|error)/g, 'ICMPv6 ')
    .replaceAll('ICMPv6 error: host unreachable', 'ICMPv6 error: address unreachable')
    .replaceAll('ICMPv6 error: net unreachable', 'ICMPv6 error: no route')
    .replaceAll('with icmp-', 'with icmp6-');
}

const ADDRESSES: Readonly<Record<string, string>> = { '0.0.0.0': '::', '1.1.1.1': '2001:db8:1::1', '10.244.0.0': 'fd00:10:244::' };
const LENGTHS: Readonly<Record<string, string>> = { '/0': '/0', '/12': '/112', '/16': '/56', '/24': '/64', '/32': '/128' };

function translated(address: string): string {
  const [a, b, c, d] = address.split('.');
  const host = d === '0' ? '' : d;
  return a === '10' && b === '96' ? `fd00:10:96::${host}` : `fd00:${a}:${b}:${c}::${host}`;
}
