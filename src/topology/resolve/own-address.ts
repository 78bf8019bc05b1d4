import { familyOf, formatAddress, type IpAddress, isLoopback, isUnicast } from '../../net/address.ts';
import { formatPrefix, lastAddress, type Prefix } from '../../net/prefix.ts';
import type { Cursor } from './cursor.ts';
import { RESERVED_ADDRESS } from './node-plan.ts';

/** An address that no other machine could send to, or that the kernel would not take as a next hop. */
export function checkOwnAddress(ip: IpAddress, link: Prefix, at: Cursor): void {
  const text = formatAddress(ip);
  if (isLoopback(ip) || !isUnicast(ip))
    at.error('bad-value', `${text} is ${isLoopback(ip) ? 'a loopback address' : 'no unicast address'}, and no machine is reached by it`);
  else if (ip === link.address || (familyOf(ip) === 'IPv4' && ip === lastAddress(link)))
    at.error(
      'bad-value',
      `${text} is the ${RESERVED_ADDRESS[familyOf(ip)]} address of ${formatPrefix(link)}`,
      'if the link is larger, state it: underlay.segments',
    );
}
