import type { FilterFacts } from '../hop/failure-rules.ts';
import { append, insert, remove, set } from '../source/edit.ts';
import { at, type Origin, parentOf } from '../source/origin.ts';
import { allowing } from './fix-firewall.ts';
import { edited, type Fix } from './remedy.ts';
import { place, type Scene } from './scene.ts';

/**
 * The change of a node's own rules that lets the packet pass; null: none of them stopped it. They know no connections: in INPUT a rule for
 * the request is enough, as its answer does not pass there; in FORWARD both directions do.
 */
export function hostRule({ facts, origin, path, hops, netns }: Scene<'FILTER_DROP' | 'FILTER_REJECT'>): readonly Fix[] | null {
  const { stated } = facts;
  const { locus } = origin;
  if (stated === undefined || locus === null) return null;
  const { list, number } = stated;
  if (list === 'input' && path.failure?.walk === 'forward') {
    const { rule, shown } = allowing(hops.at(-1)?.packet ?? path.forward.packet);
    return [
      number === null
        ? edited(`add ${shown} to the rules of firewall.input of ${netns} (${place(locus)})`, append(at(parentOf(locus), 'rules'), rule))
        : edited(
            `put ${shown} before rule ${number} of firewall.input of ${netns} (${place(locus)})`,
            insert(parentOf(locus), number - 1, rule),
          ),
    ];
  }
  return [
    number === null
      ? edited(`set the default of firewall.${list} of ${netns} to allow (${place(locus)})`, set(locus, 'allow'))
      : edited(`take rule ${number} of firewall.${list} of ${netns} away (${place(locus)})`, remove(locus)),
  ];
}

/** A rule that lets neighbour discovery pass, which IPv6 cannot do without. */
export function discoveryRule({ netns, stated }: FilterFacts, { locus }: Origin): readonly Fix[] | null {
  if (stated === undefined || locus === null) return null;
  const { list, number } = stated;
  const rule = { action: 'allow', protocol: 'icmp' };
  const shown = '{ action: allow, protocol: icmp }';
  return [
    number === null
      ? edited(`add ${shown} to the rules of firewall.${list} of ${netns} (${place(locus)})`, append(at(parentOf(locus), 'rules'), rule))
      : edited(
          `put ${shown} before rule ${number} of firewall.${list} of ${netns} (${place(locus)})`,
          insert(parentOf(locus), number - 1, rule),
        ),
  ];
}
