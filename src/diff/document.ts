import type { CauseDocument, ChangeDocument, DiffDocument, ToldDocument } from '../document/diff-schema.ts';
import { excerpt } from '../document/excerpt.ts';
import type { MatrixGroupDocument } from '../document/matrix-schema.ts';
import { whatIfOf } from '../document/what-if.ts';
import type { Cluster } from '../k8s/cluster.ts';
import type { Group } from '../matrix/matrix.ts';
import type { At, Cause, Change, Route, Told } from './change.ts';
import type { Diff } from './diff.ts';

/** A diff as the JSON has it: all formats are made of this. `later`: the cluster of the later input. */
export function diffDocument({ groups, changes, withoutEffect, routesLeft }: Diff, later: Cluster): DiffDocument {
  return {
    schemaVersion: 1,
    ...whatIfOf(later),
    same: changes.length === 0 && groups.added.length === 0 && groups.removed.length === 0,
    groups: { added: groups.added.map(groupDocument), removed: groups.removed.map(groupDocument) },
    changes: changes.map(changeDocument),
    withoutEffect: withoutEffect.map(causeDocument),
    notCompared: routesLeft,
  };
}

const groupDocument = ({ id, kind, namespace, name, members }: Group): MatrixGroupDocument => ({
  id,
  kind,
  namespace,
  name,
  members: [...members],
});

function changeDocument(change: Change): ChangeDocument {
  const { kind, from, to, family, protocol, ports, before, after, causes } = change;
  const differs = routeDifference(before, after);
  return {
    kind,
    from,
    to,
    family,
    protocol,
    ports: ports.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)),
    before: toldDocument(before, differs),
    after: toldDocument(after, differs),
    what: whatText(change, differs),
    causes: causes.map(causeDocument),
  };
}

type Differs = 'endpoint' | 'way' | 'back' | null;

/** In what two connections differ that end alike. */
function routeDifference(before: Told | null, after: Told | null): Differs {
  if (before === null || after === null || before.outcome !== after.outcome || before.code !== after.code) return null;
  const [old, young] = [before.route, after.route];
  if (old === undefined || young === undefined) return null;
  const differ = (say: (route: Route) => readonly string[]) => say(old).join('\n') !== say(young).join('\n');
  if (differ((r) => r.endpoints)) return 'endpoint';
  if (differ((r) => r.way)) return 'way';
  return differ((r) => r.back) ? 'back' : null;
}

function toldDocument(told: Told | null, differs: Differs): ToldDocument | null {
  if (told === null) return null;
  const { outcome, code, share, route } = told;
  return {
    outcome,
    code,
    share,
    ...(differs === 'endpoint' ? { endpoint: [...(route?.endpoints ?? [])] } : {}),
    ...(differs === 'way' ? { way: [...(route?.way ?? [])] } : {}),
    ...(differs === 'back' ? { way: [...(route?.back ?? [])] } : {}),
  };
}

function whatText({ before, after, reached }: Change, differs: Differs): string {
  if (after === null) return before === null ? 'not there' : `not there any more; before ${endText(before)}`;
  if (before === null) return `now ${endText(after)}; not there before`;
  const [old, young] = [before.route, after.route];
  if (differs !== null && old !== undefined && young !== undefined) return routeText(old, young, differs);
  return `now ${endText(after)}; before ${reached === null ? '' : `${endText(reached)}, `}${endText(before)}`;
}

/** `delivered`, `dropped (POLICY_DEFAULT_DENY)`, `delivered for 50 % of the pairs`. */
function endText({ outcome, code, share }: Told): string {
  const part = share > 1 - 1e-9 ? '' : ` for ${percent(share)} of the pairs`;
  return `${outcome}${code === null || code === 'LEAVES_INPUT' ? '' : ` (${code})`}${part}`;
}

const percent = (share: number): string => `${share < 0.01 ? '<1' : share > 0.99 ? '>99' : Math.round(share * 100)} %`;

function routeText(before: Route, after: Route, differs: 'endpoint' | 'way' | 'back'): string {
  if (differs === 'endpoint') return `received by ${listText(after.endpoints)}; before by ${listText(before.endpoints)}`;
  const [old, young] = differs === 'way' ? [before.way, after.way] : [before.back, after.back];
  const who = differs === 'way' ? '' : 'the answer ';
  const [gone, come] = [
    translations(old).filter((t) => !translations(young).includes(t)),
    translations(young).filter((t) => !translations(old).includes(t)),
  ];
  if (come.length > 0 && gone.length === 0) return `${who}gets ${listText(come)} now`;
  if (gone.length > 0 && come.length === 0) return `${who}gets no ${listText(gone)} any more`;
  return `${who}goes by ${listText(young.map(wayText))}; before by ${listText(old.map(wayText))}`;
}

/** A way that passes no device but those of pods stays on one node. */
const wayText = (way: string): string => (way === '' ? 'one node' : way);

const WORDS: Readonly<Record<string, string>> = {
  dnat: 'another destination (dnat)',
  snat: 'another source (snat)',
  masquerade: 'another source (masquerade)',
};

/** What is done to addresses on these ways. */
function translations(ways: readonly string[]): readonly string[] {
  const done = ways.flatMap((way) => way.split(' > ')).map((step) => step.replace(/^.*: /, ''));
  return [...new Set(done.flatMap((action) => WORDS[action] ?? []))];
}

const listText = (items: readonly string[]): string => (items.length === 0 ? 'nobody' : items.join(' or ').replaceAll(' > ', ', '));

const causeDocument = ({ object, change, before, after }: Cause): CauseDocument => ({
  object,
  change,
  before: placeDocument(before),
  after: placeDocument(after),
});

const placeDocument = (at: At | null) => (at === null ? null : excerpt(at));
