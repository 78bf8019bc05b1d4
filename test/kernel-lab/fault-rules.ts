import { addRoute, podCidr } from './draft.ts';
import { nextHop, type Place, SERVICES, target } from './place.ts';

/** The bit that kube-proxy marks packets with, and one beside it that nobody sets. */
const MARKS = [
  '0x4000/0x4000',
  '0x4000/0xc000',
  '0xc000/0xc000',
  '0xc000/0x4000',
  '0x0/0x4000',
  '0x0/0xc000',
  '0x4000',
  '0x8000/0x8000',
  '0x0',
] as const;

/** A rule, and a table of its own with one route. */
function addRule(p: Place, rule: object): void {
  p.node.rules.set(100, { priority: 100, ...rule, table: 100 });
  addRoute(p.node, {
    to: target(p),
    table: 100,
    ...p.pick<object>({ type: 'unreachable' }, { type: 'blackhole' }, { via: nextHop(p) }, { type: 'throw' }),
  });
}

/** What sends a packet to another routing table. */
export const RULE_FAULTS = {
  'routing rule': (p: Place) =>
    addRule(
      p,
      p.pick<object>(
        { from: podCidr(p.index) },
        { iif: 'cni0' },
        { iif: 'lo' },
        { iif: 'eth0' },
        { to: podCidr(p.otherIndex) },
        { to: SERVICES },
        { fwmark: '0x4000/0x4000' },
        { from: `${p.node.ip}/32` },
      ),
    ),
  'mark of a rule': (p: Place) => addRule(p, { fwmark: p.pick(...MARKS) }),
  'rule with two selectors': (p: Place) => {
    const [iif, fwmark] = [p.pick('cni0', 'cni0', 'eth0', 'lo'), p.pick(...MARKS)];
    const [from, to] = [p.pick(podCidr(p.index), `${p.node.ip}/32`), p.pick(podCidr(p.otherIndex), podCidr(p.index))];
    addRule(p, p.pick<object>({ iif, to }, { from, to }, { iif, from }, { from, fwmark }, { iif, fwmark }, { to, fwmark }));
  },
} satisfies Readonly<Record<string, (place: Place) => void>>;
