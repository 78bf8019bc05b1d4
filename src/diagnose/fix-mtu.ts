import type { Device } from '../datapath/netns.ts';
import { cniOn } from '../k8s/cluster.ts';
import { familyOf } from '../net/address.ts';
import { formatDestination } from '../net/prefix.ts';
import { type Edit, set } from '../source/edit.ts';
import { at, type Locus } from '../source/origin.ts';
import { cniSetting, machineOf } from './machines.ts';
import { advised, asked, edited, type Fix } from './remedy.ts';
import { type Fixer, place, type Scene } from './scene.ts';

/** The changes that help when a packet is too large for a device. */

export const tooLarge: Fixer<'MTU_EXCEEDED'> = (scene) => {
  const links = linksOf(scene);
  const smallest = links.reduce<Device | null>((least, d) => (d.mtu < (least?.mtu ?? scene.facts.mtu + 1) ? d : least), null);
  const most = smallest?.mtu ?? scene.facts.mtu;
  const last = scene.hops.findLast((h) => h.kind === 'route');
  const route = last?.kind === 'route' && last.route.mtu?.bytes === scene.facts.mtu ? last.route : null;
  if (route !== null)
    return [
      sendLess(scene, scene.facts.mtu),
      advised('value', `or give the route ${formatDestination(route.prefix)} another mtu (${place(route.origin.locus)})`),
    ];
  return [agreedOn(scene, most) ?? sendLess(scene, most), raised(scene, links, most)];
};

/** The devices that the packet crosses. A handshake that came through shows those that the large packet did not get to. */
const linksOf = ({ path, hops }: Scene): readonly Device[] => [
  ...new Set([...(path.ack?.hops ?? []), ...hops].flatMap((h) => (h.kind === 'interface' && h.link.kind !== 'loopback' ? [h.link] : []))),
];

/** The two ends of a TCP connection agree on what the smaller of their own devices takes (MSS); others send what the program says. */
function agreedOn(scene: Scene<'MTU_EXCEEDED'>, most: number): Fix | null {
  const { path, context } = scene;
  if (path.forward.packet.protocol !== 'tcp') return null;
  if (most < LEAST6 && familyOf(path.forward.packet.source) === 'IPv6') return null;
  const ends = [path.forward.hops[0]?.netns, path.forward.netns.name];
  const pods = ends.flatMap((name) => context.cluster.pods.get(name ?? '') ?? []);
  const { cluster } = context;
  const own = pods.flatMap((pod) => {
    const stated = pod.overrides.devices.get('eth0');
    return stated?.mtu === undefined ? [] : [{ mtu: stated.mtu, locus: stated.locus, pod }];
  });
  const other = pods.find((p) => !own.some((o) => o.pod === p));
  if (other !== undefined) {
    const node = cluster.nodes.get(other.node ?? '');
    const cni = cniOn(cluster, node?.name ?? '');
    const mtu = cniSetting(cluster, node, 'mtu');
    return edited(
      `send smaller packets: set ${mtu.name} to ${most}, the smallest on the way (now ${cni.mtu}; ${place(cni.origin.locus)})`,
      mtu.set(most),
    );
  }
  const [stated] = own;
  if (stated === undefined) return null;
  return edited(
    `send smaller packets: set the MTU of eth0 of ${stated.pod.name} to ${most}, the smallest on the way (now ${stated.mtu}; ${place(stated.locus)})`,
    set(at(stated.locus, 'mtu'), most),
  );
}

/** On a device that takes less the kernel turns IPv6 off. Source: RFC 8200, 5. */
const LEAST6 = 1280;

const sendLess = ({ path, context: { question } }: Scene, most: number): Fix => {
  const words = `send at most ${most} bytes at once, headers included, which is what the smallest device on the way takes`;
  return question.size === null ? advised('elsewhere', `${words} (${path.forward.packet.protocol})`) : asked(words, { size: most });
};

/** A bridge that takes more than its ports would drop in silence what they do not take; so would a veth before its peer. */
const withLinked = (d: Device): readonly Device[] =>
  d.kind === 'bridge' ? [d, ...d.ports.flatMap(withLinked)] : d.kind === 'veth' && d.peer !== null ? [d, d.peer] : [d];

/** All devices on the way that take less, and those that they hand it to. */
function raised({ context: { cluster }, facts }: Scene<'MTU_EXCEEDED'>, links: readonly Device[], most: number): Fix {
  const small = [...new Set(links.flatMap(withLinked))].filter((d) => d.mtu < facts.size);
  const least = small.find((d) => d.mtu === most);
  const stated = (d: Device): Locus | undefined => machineOf(cluster, d.netns.name)?.overrides.devices.get(d.name)?.locus;
  const names = small.map((d) => {
    const locus = stated(d);
    return `${d.name} of ${d.netns.name}${locus === undefined ? '' : ` (${place(locus)})`}`;
  });
  const words = `or raise the MTU of ${least === undefined ? `${facts.device} of ${facts.netns}` : names.join(', ')} to ${facts.size}`;
  const edits = small.flatMap((d): readonly Edit[] => {
    const found = machineOf(cluster, d.netns.name);
    return found?.isHost === true ? [set(at(found.locus, 'devices', d.name, 'mtu'), facts.size)] : [];
  });
  return edits.length === 0 || edits.length < small.length ? advised('elsewhere', words) : edited(words, ...edits);
}
