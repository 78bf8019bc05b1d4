import { formatAddress } from '../net/address.ts';
import type { DnsHop, DnsStep, ProxyHop } from './application-hop.ts';

export function lookUp({ question, server, steps, answer }: DnsHop): string {
  const addresses = answer.map(formatAddress).join(', ');
  const name = question.replace(/\.$/, '');
  if (server === null) return `finds ${name} in /etc/hosts: ${addresses}`;
  const asked = `asks ${server.name}${server.address === null ? '' : ` (${formatAddress(server.address)})`} for ${name}`;
  const last = steps.at(-1);
  if (last?.answer === 'A' || last?.answer === 'AAAA') return `${asked}: ${last.name === name ? 'it' : last.name} is ${addresses}`;
  if (last?.answer === 'unknown') return `${asked}: the input does not say what ${last.name} is`;
  // A name that is there without an address is not said to be missing.
  const isThere = steps.some((s) => s.answer === 'NODATA' || s.answer === 'CNAME');
  return `${asked}: ${isThere ? 'it has no address' : 'no such name (NXDOMAIN)'}`;
}

/** A step of a look-up, as its answer. */
export function describeStep({ name, answer, target, addresses }: DnsStep): string {
  return `${name} ${[answer === 'unknown' ? 'not known' : answer, target ?? addresses.map(formatAddress).join(', ')].join(' ').trimEnd()}`;
}

export function proxy({ action, process, rule, url, to, backend, tls, forwardedFor, edits }: ProxyHop): string {
  const ended = tls === 'terminated' ? 'TLS ends here, and the connection too' : 'the connection ends here';
  switch (action) {
    case 'return':
      return `${process} passes the answer on to its client, on the first connection`;
    case 'answer':
      return `${rule}: ${ended}`;
    case 'redirect':
      return `${rule}: ${ended}; the answer sends the client to ${to}`;
    case 'forward': {
      const asked = to === url ? '' : ` as ${to}`;
      const more = edits.length === 0 ? '' : `; ${edits.join(', ')}`;
      return `${rule}: ${ended}; a new one begins to ${backend}${asked}, X-Forwarded-For: ${formatAddress(forwardedFor)}${more}`;
    }
  }
}
