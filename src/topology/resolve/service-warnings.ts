import { missingControllerLabels } from '../../k8s/controller-labels.ts';
import type { Pod } from '../../k8s/pod.ts';
import type { Path } from '../../source/origin.ts';
import { nearestLabels } from '../../source/suggest.ts';
import type { Report } from './report.ts';

/** The most common fault of all: a string that does not match. Says which pods come nearest, and by what. */
export function warnNothingSelected(report: Report, selector: ReadonlyMap<string, string>, pods: readonly Pod[], path: Path): void {
  // Labels that only a controller gives may well be there: the pods of a file written by hand do not state them.
  if (pods.some((p) => missingControllerLabels(selector, p) !== null)) return;
  const wanted = [...selector].map(([k, v]) => `${k}=${v}`).join(',');
  const candidates = nearestLabels(
    selector,
    pods.map((p) => p.labels),
  );
  const hint = candidates.length === 0 ? null : `the nearest labels of pods are: ${candidates.join(', ')}`;
  report.warn(path, 'selector-matches-nothing', `no pod of this namespace has the labels ${wanted}`, hint);
}

export function warnNoSuchPort(report: Report, name: string, protocol: string, pods: readonly Pod[], path: Path): void {
  const ports = pods.flatMap((p) =>
    p.containers.flatMap((c) => c.ports.map((q) => ({ name: q.name, text: `${q.name ?? q.port}/${q.protocol}` }))),
  );
  const otherProtocol = ports.some((p) => p.name === name);
  const message = otherProtocol
    ? `the pods' port ${name} has another protocol than ${protocol}, so it does not count`
    : `none of the selected pods has a container port named ${name}`;
  const known = [...new Set(ports.map((p) => p.text))];
  report.warn(path, 'target-port-unresolved', message, known.length === 0 ? null : `they have ${known.slice(0, 8).join(', ')}`);
}
