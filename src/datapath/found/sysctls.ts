import type { Sysctl } from '../sysctl.ts';
import type { FoundNames } from './names.ts';

const OF_DEVICE = /^(net\.ipv[46]\.conf\.)(.+)(\.[a-z_0-9]+)$/;

/** Those that were found win; what was compiled for a device is for it under its found name. */
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
