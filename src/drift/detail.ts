import { foundChains } from '../datapath/found/edit-rules.ts';
import { describeFailure } from '../hop/failure.ts';
import { judgedBy } from '../k8s/policy/found-chains.ts';
import type { Locus, Origin } from '../source/origin.ts';
import { byProgram, type Detail, NO_REMEDY } from './cause.ts';
import { foundTable, type OfRules } from './edit-rules.ts';
import { hopsOn, stepsIn } from './met.ts';
import { isFoundIn } from './of-table.ts';
import { type Part, type What, whatText } from './parts.ts';
import { ruleLine } from './rule-text.ts';
import type { TwoNodes, TwoTraces } from './two.ts';

/** The difference of a part as a whole, where no piece of it explains the flow. */
export function detailOf(part: Part, traces: TwoTraces, nodes: TwoNodes): Detail {
  const { what } = part;
  const untold = untoldIn(part.node, traces);
  if (untold !== null) return untold;
  if (what.kind === 'iptables' || what.kind === 'nft') return tableDetail(part, what, traces, nodes);
  if (what.kind === 'ipvs') return serverDetail(part, traces, nodes);
  return inText(otherwise(what, traces), textsOf(what, nodes));
}

/** The state that a text should have and does not, where the flow ends for want of it; null: the flow does not. */
export function untoldIn(node: string, { has }: TwoTraces): Detail | null {
  for (const { failure } of has.paths)
    if (failure?.code === 'FACT_MISSING' && 'why' in failure.facts && failure.facts.why === 'untold' && failure.facts.netns === node)
      return { kind: 'untold', text: describeFailure(failure), place: failure.origin.locus, isThere: true, restore: NO_REMEDY };
  return null;
}

/** The difference as the failure of the walk describes it. */
function otherwise(what: What, { has }: TwoTraces): Detail {
  const failed = has.paths.find((path) => path.failure !== null)?.failure ?? null;
  const words = failed === null ? 'it sends the packet another way' : describeFailure(failed);
  const place = failed?.origin.locus ?? null;
  const isUnknown = failed?.code === 'FACT_MISSING';
  return {
    kind: 'other',
    text: isUnknown ? words : `${whatText(what)} is not as it should be: ${words}`,
    place,
    isThere: place !== null,
    restore: NO_REMEDY,
  };
}

function tableDetail({ node }: Part, what: OfRules, traces: TwoTraces, { found }: TwoNodes): Detail {
  const place = foundTable(found, what);
  const judging = foundChains(found, what).filter((chain) => judgedBy([chain]).size > 0);
  const enforcer = enforcerOn(node, traces);
  const isRefused = traces.should.paths.some(({ failure }) => failure?.code.startsWith('POLICY_') === true);
  if (judging.length === 0 && !(isRefused && enforcer !== null)) return inText(otherwise(what, traces), place === null ? [] : [place]);
  const there = traces.has.paths.flatMap(({ forward }) => forward.hops.filter((hop) => hop.netns === node));
  const met = stepsIn(there).findLast(({ chain, rule }) => isFoundIn(node, what, rule.origin.locus) && judgedBy([chain]).size > 0);
  const at = { place: met?.rule.origin.locus ?? place, isThere: met !== undefined };
  const drift = (text: string): Detail => {
    const restore = enforcer === null ? NO_REMEDY : byProgram(enforcer);
    return { kind: 'policy-rules', text, ...at, isPolicyDrift: true, restore };
  };
  if (isRefused && judging.length === 0) return drift(`policies refuse it, and no rule of ${enforcer}, which is to enforce them, is there`);
  if (isRefused) return drift('policies refuse it, and the rules that are to enforce them do not');
  if (endsAmong(node, traces) && isTold(traces)) return drift('policies let it pass, and the rules that are to enforce them do not');
  return {
    kind: 'policy-rules',
    text: 'rules that enforce policies decide, where the policies as they are given do not',
    ...at,
    restore: NO_REMEDY,
  };
}

const isTold = ({ should }: TwoTraces): boolean => should.paths.every(({ failure }) => failure?.code !== 'FACT_MISSING');

/** Does a rule of an enforcer end it? */
const endsAmong = (node: string, { has }: TwoTraces): boolean =>
  has.paths.some(({ failure }) => {
    if (failure?.code !== 'FILTER_DROP' && failure?.code !== 'FILTER_REJECT') return false;
    const { netns, chain } = failure.facts;
    return netns === node && chain !== null && judgedBy([chain]).size > 0;
  });

/** The program that enforces policies on the node, if the flow should meet it; null: it should not. */
function enforcerOn(node: string, { should }: TwoTraces): string | null {
  for (const hop of hopsOn(should, node)) if (hop.kind === 'policy') return hop.enforcer;
  return null;
}

/** The first virtual server, or destination of one, that the connection should come to. */
function serverDetail({ node, what }: Part, traces: TwoTraces, nodes: TwoNodes): Detail {
  const isServer = ({ rule }: { readonly rule: { readonly syntax?: string } }) => rule.syntax === 'ipvs';
  const met = new Set(
    stepsIn(hopsOn(traces.has, node))
      .filter(isServer)
      .map((s) => ruleLine(s.chain, s.rule)),
  );
  const lost = stepsIn(hopsOn(traces.should, node))
    .filter(isServer)
    .find((s) => !met.has(ruleLine(s.chain, s.rule)));
  if (lost === undefined) return inText(otherwise(what, traces), []);
  const servers = what.kind === 'ipvs' ? (nodes.found.ipvs[what.family]?.servers.rules() ?? []) : [];
  return {
    kind: 'missing-rule',
    text: `${whatText(what)} does not have: ${ruleLine(lost.chain, lost.rule)}`,
    place: servers[0]?.origin.locus ?? null,
    isThere: false,
    restore: byProgram('kube-proxy'),
  };
}

/** Cites the text of the part: where the walk ended at a place in another text, that place is replaced. */
function inText(detail: Detail, [first, ...others]: readonly Locus[]): Detail {
  if (first === undefined) return detail.place === null ? detail : { ...detail, place: null, isThere: false };
  if ([first, ...others].some(({ document }) => document.file === detail.place?.document.file)) return detail;
  return { ...detail, place: first, isThere: false };
}

/** The places of all entries of a part. */
function textsOf({ kind }: What, { found }: TwoNodes): readonly Locus[] {
  const all = { fdb: found.fdb, neighbours: found.neighbours, devices: found.links, sockets: found.sockets };
  const some: readonly { readonly origin: Origin }[] | null =
    kind === 'fdb' || kind === 'neighbours' || kind === 'devices' || kind === 'sockets' ? all[kind] : null;
  return some?.flatMap(({ origin }) => origin.locus ?? []) ?? [];
}
