import type { Detail } from './cause.ts';
import { routeDetail, routingRuleDetail } from './detail-routes.ts';
import { ruleDetail } from './detail-rules.ts';
import { type Part, whatText } from './parts.ts';
import { otherwise, type TwoNodes, type TwoTraces } from './two.ts';

/** Within a part that makes a flow end otherwise: the rule, the chain, the route, the setting. */
export function detailOf({ node, what }: Part, traces: TwoTraces, nodes: TwoNodes): Detail {
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
      return otherwise(whatText(what), traces);
  }
}
