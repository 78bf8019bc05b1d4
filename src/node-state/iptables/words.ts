import { LAST_PORT, parsePort } from '../../net/port.ts';

const NUMBER = /^(?:0x[0-9a-f]{1,8}|\d{1,10})$/i;

/** A number of 32 bits, as strtoul reads it: decimal, octal after `0`, hexadecimal after `0x`; null: it is none. */
export function numberOf(text: string | undefined): number | null {
  if (text === undefined || !NUMBER.test(text)) return null;
  const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return value <= 0xffffffff ? value : null;
}

/** `0x1/0xf`; without a mask, all bits count. Null: it is no such pair. */
export function maskedOf(text: string | undefined): { readonly value: number; readonly mask: number } | null {
  const [left, right, ...rest] = (text ?? '').split('/');
  const value = numberOf(left);
  const mask = right === undefined ? 0xffffffff : numberOf(right);
  return value === null || mask === null || rest.length > 0 ? null : { value, mask };
}

/** `80`, `80:90`, `:90`, `80:`; null: they are no ports. */
export function portsOf(text: string | undefined, between = ':'): { readonly first: number; readonly last: number } | null {
  if (text === undefined || text === '' || text === between) return null;
  const [left = '', right, ...rest] = text.split(between);
  const first = left === '' ? 0 : portOf(left);
  const last = right === undefined ? first : right === '' ? LAST_PORT : portOf(right);
  return first === null || last === null || first > last || rest.length > 0 ? null : { first, last };
}

const portOf = (text: string): number | null => parsePort(text) ?? SERVICES.get(text) ?? null;

/** Names of /etc/services. iptables-save prints numbers; names are in rules that were written by hand. */
const SERVICES: ReadonlyMap<string, number> = new Map([
  ['ftp-data', 20],
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['domain', 53],
  ['bootps', 67],
  ['bootpc', 68],
  ['tftp', 69],
  ['http', 80],
  ['pop3', 110],
  ['sunrpc', 111],
  ['ntp', 123],
  ['imap2', 143],
  ['snmp', 161],
  ['bgp', 179],
  ['ldap', 389],
  ['https', 443],
  ['submission', 587],
  ['ldaps', 636],
  ['imaps', 993],
  ['pop3s', 995],
  ['openvpn', 1194],
  ['mysql', 3306],
  ['postgresql', 5432],
]);
