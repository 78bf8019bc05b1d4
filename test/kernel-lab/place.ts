import { type Draft, type Machine, type PodDraft, podCidr } from './draft.ts';

/** Where a fault strikes. */
export interface Place {
  readonly draft: Draft;
  readonly node: Machine;
  readonly index: number;
  /** Another node, where there is one. */
  readonly other: Machine;
  readonly otherIndex: number;
  readonly pod: PodDraft;
  pick<T>(...values: readonly T[]): T;
}

export const SERVICES = '10.96.0.0/12';

export const lan = (m: Machine) => m.ip.split('.').slice(0, 3).join('.');
export const nobody = (m: Machine) => `${lan(m)}.99`;
/** The next hop of a wrong route: another machine on the link, or nobody. */
export const nextHop = (p: Place) => (lan(p.other) === lan(p.node) && p.other !== p.node ? p.other.ip : nobody(p.node));
/** What a wrong route leads to. */
export const target = (p: Place) =>
  p.pick(podCidr(p.otherIndex), podCidr(p.otherIndex), podCidr(p.index), SERVICES, 'default', p.pod.ip.concat('/32'));
