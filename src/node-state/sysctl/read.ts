import type { Sysctl } from '../../datapath/sysctl.ts';
import { declaredAt, lineOf, type Reading, type StateText, type Unread } from '../text.ts';

/** `net.ipv4.ip_forward = 1`, as sysctl prints it. */
const PRINTED = /^([^\s=:]+)\s*=\s*(.*)$/;
/** `/proc/sys/net/ipv4/ip_forward:1`, as `grep -r . /proc/sys/net` prints it. */
const GREPPED = /^(\/proc\/sys\/[^:]+):(.*)$/;
/** Why it could not read one: `sysctl: permission denied on key "net.ipv4.route.flush"`. */
const COMPLAINT = /^(sysctl|grep): /;

/** Reads the output of `sysctl -a`, or of grep in /proc/sys. Only settings of the network with a number are kept. */
export function readSysctl(text: StateText): Reading {
  const sysctls = new Map<string, Sysctl>();
  const unread: Unread[] = [];
  for (const [i, whole] of text.lines.entries()) {
    const line = whole.trim();
    if (line === '' || line.startsWith('#') || COMPLAINT.test(line)) continue;
    const stated = GREPPED.exec(line) ?? PRINTED.exec(line);
    if (stated === null) {
      unread.push({ locus: lineOf(text, i, `Node/${text.node} sysctl`), text: whole, why: 'it is not NAME = VALUE' });
      continue;
    }
    const [, written = '', value = ''] = stated;
    const name = nameOf(written);
    if (name.startsWith('net.') && NUMBER.test(value.trim())) sysctls.set(name, { value: Number(value), origin: declaredAt(text, i) });
  }
  return { pieces: [{ kind: 'sysctls', sysctls }], unread, faults: [] };
}

const NUMBER = /^-?\d+$/;

/**
 * The name with dots between its parts. Where a device's name has dots (`net.ipv4.conf.eth0.100.rp_filter`), sysctl prints slashes in their
 * place; files of /proc have slashes between the parts.
 */
const nameOf = (written: string): string => written.replace(/^\/proc\/sys\//, '').replaceAll('/', '.');
