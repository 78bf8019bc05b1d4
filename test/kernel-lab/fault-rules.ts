import { addRoute, podCidr } from './draft.ts';
import { nextHop, nobody, type Place, SERVICES, target } from './place.ts';

/**
 * The bit that kube-proxy marks some packets with, and one beside it that nobody sets; values outside their mask, and one without a mask.
 */
const MARKS = [
  '0x4000/0x4000',
  '0x8000/0x4000',
  '0x8000/0x4000',
  '0x8000/0xc000',
  '0x8000/0xc000',
  '0x0/0x4000',
  '0x4000/0xc000',
  '0xc000/0x4000',
  '0xc000/0xc000',
  '0x4000',
  '0x0',
] as const;

/** A rule, and a table of its own with one route. */
function addRule(p: Place, rule: object, to: string, route: object): void {
  p.node.rules.set(100, { priority: 100, ...rule, table: 100 });
  addRoute(p.node, { to, table: 100, ...route });
}

/** One that is felt wherever the rule sends a packet there. */
const addFeltRule = (p: Place, rule: object) =>
  addRule(
    p,
    rule,
    p.pick(podCidr(p.otherIndex), 'default', 'default', SERVICES),
    p.pick<object>({ type: 'unreachable' }, { type: 'blackhole' }, { via: nobody(p.node) }),
  );

/** What sends a packet to another routing table. */
export const RULE_FAULTS = {
  'routing rule': (p: Place) => {
    const rule = p.pick<object>(
      { from: podCidr(p.index) },
      { iif: 'cni0' },
      { iif: 'lo' },
      { iif: 'eth0' },
      { to: podCidr(p.otherIndex) },
      { to: SERVICES },
      { fwmark: '0x4000/0x4000' },
      { from: `${p.node.ip}/32` },
    );
    const to = target(p);
    addRule(p, rule, to, p.pick<object>({ type: 'unreachable' }, { type: 'blackhole' }, { via: nextHop(p) }, { type: 'throw' }));
  },
  'mark of a rule': (p: Place) => addFeltRule(p, { fwmark: p.pick(...MARKS) }),
  // Of most only one selector fits.
  'rule with two selectors': (p: Place) => {
    const [iif, fwmark] = [p.pick('cni0', 'eth0', 'lo'), p.pick('0x0/0x4000', '0x4000/0x4000')];
    const [from, to] = [p.pick(podCidr(p.index), `${p.node.ip}/32`), p.pick(podCidr(p.otherIndex), podCidr(p.index))];
    addFeltRule(p, p.pick<object>({ iif, to }, { iif, from }, { from, to }, { from, fwmark }, { iif, fwmark }, { to, fwmark }));
  },
} satisfies Readonly<Record<string, (place: Place) => void>>;
