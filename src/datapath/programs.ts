import type { IpFamily } from '../net/address.ts';

/** The program that prints a family's rules of iptables, and changes them. */
export const iptablesFor = (family: IpFamily): 'iptables' | 'ip6tables' => (family === 'IPv6' ? 'ip6tables' : 'iptables');

/** The command before `route` or `rule`: without -6 these are about IPv4. Source: do_iproute and do_iprule of iproute2. */
export const ipFor = (family: IpFamily): 'ip' | 'ip -6' => (family === 'IPv6' ? 'ip -6' : 'ip');
