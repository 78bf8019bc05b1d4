import type { FoundState } from '../datapath/found-state.ts';
import { FORWARDING } from '../datapath/sysctl.ts';
import { set } from '../source/edit.ts';
import { at, type Origin } from '../source/origin.ts';
import { withCommands } from '../source/sentence.ts';
import { machineOf } from './machines.ts';
import { advised, edited, type Fix } from './remedy.ts';
import { type Fixer, isDeclared, machine, place, type Scene } from './scene.ts';

/** Where all devices are found not to forward, the one that the packet came in by is not alone: the answer comes in by another. */
export const forwardingOff: Fixer<'FORWARDING_DISABLED'> = (scene) => {
  const { netns } = scene.facts;
  const found = scene.context.cluster.nodes.get(netns)?.found ?? null;
  const ofAll = /^net\.ipv4\./.test(scene.facts.sysctl) ? found?.sysctls.get(FORWARDING.IPv4) : undefined;
  const isAll = ofAll?.value === 0;
  const sysctl = isAll ? FORWARDING.IPv4 : scene.facts.sysctl;
  const locus = isAll ? ofAll.origin.locus : scene.origin.locus;
  const on = isDeclared(scene) ? `${netns} (${place(locus)} sets it to 0)` : machine(scene, netns);
  const name = OF_ALL[sysctl] ?? sysctl;
  const fix = setSysctl(scene, `set ${sysctl} to 1 on ${on}`, netns, sysctl, `sysctl -w ${name}=1`);
  return [found === null ? fix : { ...fix, onFound: { node: netns, edit: (state) => forwardingOn(state, name, scene.origin) } }];
};

/** A default is for devices to come; these set it with all that are there. Source: Linux, Documentation/networking/ip-sysctl.rst. */
const OF_ALL: Readonly<Record<string, string>> = {
  'net.ipv4.conf.default.forwarding': FORWARDING.IPv4,
  'net.ipv6.conf.default.forwarding': FORWARDING.IPv6,
};

const OF_IPV4 = /^net\.ipv4\.conf\..+\.forwarding$/;

/** What is written to `ip_forward` is every device's, if it is another value than before. Source: devinet_sysctl_forward, net/ipv4/devinet.c. */
function forwardingOn(state: FoundState, name: string, origin: Origin): FoundState {
  const sysctls = new Map(state.sysctls).set(name, { value: 1, origin });
  const isAll = name === FORWARDING.IPv4 && state.sysctls.get(name)?.value !== 1;
  for (const [own, sysctl] of isAll ? state.sysctls : []) if (OF_IPV4.test(own)) sysctls.set(own, { ...sysctl, value: 1 });
  return { ...state, sysctls };
}

export function setSysctl({ context: { cluster } }: Scene, words: string, netns: string, sysctl: string, command?: string): Fix {
  const found = machineOf(cluster, netns);
  const said = command === undefined ? words : withCommands(`${words}; on the machine: ${command}`, command);
  return found?.isHost === true ? edited(said, set(at(found.locus, 'sysctls', sysctl), 1)) : advised('elsewhere', said);
}
