import type { Sysctl } from '../sysctl.ts';
import type { FoundNames } from './names.ts';

const OF_DEVICE = /^(net\.ipv[46]\.conf\.)(.+)(\.[a-z_0-9]+)$/;

/** Found settings replace compiled ones; a compiled setting of a device is renamed to the found name of the device. */
export function foundSysctls(sysctls: Map<string, Sysctl>, found: ReadonlyMap<string, Sysctl>, names: FoundNames): void {
  const compiled = [...sysctls];
  sysctls.clear();
  for (const [name, sysctl] of compiled) {
    const [, before = '', device = '', key = ''] = OF_DEVICE.exec(name) ?? [];
    const own = names.get(device);
    sysctls.set(own === undefined ? name : `${before}${own}${key}`, sysctl);
  }
  for (const [name, sysctl] of found) sysctls.set(name, sysctl);
}
