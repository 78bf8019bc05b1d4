import type { FoundState } from '../datapath/found-state.ts';
import { FORWARDING, isDeciding, type Sysctl, type Sysctls } from '../datapath/sysctl.ts';
import { byCommands } from './cause.ts';
import type { Part, Piece } from './parts.ts';
import type { TwoNodes, TwoTraces } from './two.ts';

/** A setting of all devices, of the usual one and of each: they decide together. `ip_forward` is another name of `conf.all.forwarding`. */
const OF_DEVICES = /^net\.(ipv[46])\.conf\.(.+)\.(\w+)$/;
const ALIASES: Readonly<Record<string, string>> = { 'net.ipv4.ip_forward': 'ipv4 forwarding' };

function groupOf(name: string): string {
  const [, family, , key] = OF_DEVICES.exec(name) ?? [];
  return ALIASES[name] ?? (family === undefined ? name : `${family} ${key}`);
}

/** Settings that are not as they should be: of those that decide together, the ones that differ. */
export function settingPieces(node: string, { found, compiled }: TwoNodes, { has }: TwoTraces): readonly Piece[] {
  const groups = new Map<string, string[]>();
  for (const { name } of wantedSettings(found.sysctls, compiled.sysctls)) {
    const group = groupOf(name);
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  const decided = has.paths.flatMap(({ failure }) => failure?.origin.locus?.object ?? []);
  return [...groups.values()].map((names): Piece => {
    const own = (name: string): Sysctl | undefined => found.sysctls.get(name);
    const first =
      names.find((name) => decided.includes(own(name)?.origin.locus?.object ?? '')) ??
      names.find((n) => compiled.sysctls.has(n)) ??
      names[0] ??
      '';
    const part: Part = { node, what: { kind: 'sysctl', name: first }, putBack: (state) => withSettings(state, names, compiled.sysctls) };
    const set = names.filter((name) => !/\.conf\.default\./.test(name));
    return {
      ...part,
      detail: {
        kind: 'setting',
        text: `${first} is ${own(first)?.value ?? '?'}, and should be ${wantedOf(first, compiled.sysctls)}`,
        place: own(first)?.origin.locus ?? null,
        isThere: true,
        restore: byCommands(...set.map((name) => `sysctl -w ${name}=${wantedOf(name, compiled.sysctls)}`)),
      },
    };
  });
}

/** A setting, and what it should be. */
export interface WantedSetting {
  readonly name: string;
  readonly is: Sysctl;
  readonly should: number;
}

/**
 * The settings with an effect that differ from the compiled ones. A setting of one device has none while that of all devices is at least as
 * high.
 */
export const wantedSettings = (found: Sysctls, compiled: Sysctls): readonly WantedSetting[] =>
  [...found].flatMap(([name, is]) => {
    const should = wantedOf(name, compiled);
    const isLess = !compiled.has(name) && !name.endsWith('.forwarding') && is.value <= (compiled.get(ofAll(name))?.value ?? 0);
    return !isDeciding(name) || is.value === should || isLess ? [] : [{ name, is, should }];
  });

const ofAll = (name: string): string => name.replace(/^(net\.ipv4\.conf\.).+(\.\w+)$/, '$1all$2');

/** The compiled value of a setting; else the kernel's default, which for a device's forwarding is the value for all. */
function wantedOf(name: string, compiled: Sysctls): number {
  const own = compiled.get(name);
  const forwarding = ofAll(name) === 'net.ipv4.conf.all.forwarding' ? compiled.get(FORWARDING.IPv4) : undefined;
  return (own ?? forwarding)?.value ?? 0;
}

function withSettings(state: FoundState, names: readonly string[], compiled: Sysctls): FoundState {
  const sysctls = new Map(state.sysctls);
  for (const name of names) {
    const own = sysctls.get(name);
    if (own !== undefined) sysctls.set(name, { ...own, value: wantedOf(name, compiled) });
  }
  return { ...state, sysctls };
}
