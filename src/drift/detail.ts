import { describeFailure } from '../hop/failure.ts';
import type { Locus, Origin } from '../source/origin.ts';
import type { Detail } from './cause.ts';
import { routeDetail, routingRuleDetail } from './detail-routes.ts';
import { ruleDetail } from './detail-rules.ts';
import { type Part, type What, whatText } from './parts.ts';
import { otherwise, type TwoNodes, type TwoTraces } from './two.ts';

/** Within a part that makes a flow end otherwise: the rule, the chain, the route, the setting. */
export function detailOf({ node, what }: Part, traces: TwoTraces, nodes: TwoNodes): Detail {
  const untold = untoldIn(node, traces);
  if (untold !== null) return untold;
  switch (what.kind) {
    case 'iptables':
    case 'nft':
      return ruleDetail(node, what, traces, nodes);
    case 'routes':
      return routeDetail(node, what, nodes, traces);
    case 'rules':
      return routingRuleDetail(node, what, nodes, traces);
    case 'sysctl': {
      const [own, compiled] = [nodes.found.sysctls.get(what.name), nodes.compiled.sysctls.get(what.name)];
      const wanted = compiled === undefined ? '' : `, and should be ${compiled.value}`;
      return { kind: 'setting', text: `${what.name} is ${own?.value ?? '?'}${wanted}`, place: own?.origin.locus ?? null, isThere: true };
    }
    default:
      return inText(otherwise(whatText(what), traces), textsOf(what, nodes));
  }
}

/** A text was to tell it, and does not. */
function untoldIn(node: string, { has }: TwoTraces): Detail | null {
  for (const { failure } of has.paths)
    if (failure?.code === 'FACT_MISSING' && 'why' in failure.facts && failure.facts.why === 'untold' && failure.facts.netns === node)
      return { kind: 'untold', text: describeFailure(failure), place: failure.origin.locus, isThere: true };
  return null;
}

/** Where the walk ended by something that is compiled, the text is to be cited that does not have what is missing. */
function inText(detail: Detail, [first, ...others]: readonly Locus[]): Detail {
  if (first === undefined || [first, ...others].some(({ document }) => document.file === detail.place?.document.file)) return detail;
  return { ...detail, place: first, isThere: false };
}

/** What was found of a part, by its places. */
function textsOf({ kind }: What, { found }: TwoNodes): readonly Locus[] {
  const all = { fdb: found.fdb, neighbours: found.neighbours, devices: found.links, sockets: found.sockets };
  const some: readonly { readonly origin: Origin }[] | null =
    kind === 'fdb' || kind === 'neighbours' || kind === 'devices' || kind === 'sockets' ? all[kind] : null;
  return some?.flatMap(({ origin }) => origin.locus ?? []) ?? [];
}
