import { type PlaceName, parsePlace } from '../query/place.ts';
import { didYouMean } from '../source/suggest.ts';
import { LabError } from './machine.ts';
import { netnsOf } from './names.ts';

/** Names of places in a lab that is up. Its topology is not known any more, only its files: NAMESPACE_NAME for a pod, else a machine. */

/** The file of the namespace that a name stands for. */
export function fileOfPlace(files: readonly string[], text: string, namespace: string): string {
  const parsed = parsePlace(text);
  if (!parsed.ok) throw new LabError(parsed.message, parsed.hint);
  const { kind, name, port } = parsed.value;
  if (kind === 'service') throw new LabError(`${text} is a service, and no program runs in one`, 'name a pod or a node');
  if (port !== null) throw new LabError(`${text}: a place has no port here`, 'name a pod or a node');
  const [first, second] = matching(files, parsed.value, namespace);
  if (second !== undefined)
    throw new LabError(`${text} is ambiguous: there is pod/${name} and node/${name}`, `write pod/${name} or node/${name}`);
  if (first === undefined) throw nothingThere(files, name, text, namespace);
  return first;
}

function matching(files: readonly string[], place: PlaceName, namespace: string): readonly string[] {
  const pod = place.kind === 'node' ? [] : [`${place.namespace ?? namespace}_${place.name}`];
  const machine = place.kind === 'pod' || place.namespace !== null ? [] : [place.name];
  return [...pod, ...machine].filter((file) => files.includes(file));
}

function nothingThere(files: readonly string[], name: string, text: string, namespace: string): LabError {
  const names = files.map((f) => (f.startsWith(`${namespace}_`) ? f.slice(namespace.length + 1) : netnsOf(f)));
  const elsewhere = names.filter((n) => n.endsWith(`/${name}`));
  const some = `there are: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`;
  const hint = elsewhere.length > 0 ? `did you mean ${elsewhere.join(' or ')}?` : (didYouMean(name, names) ?? some);
  return new LabError(`the lab has no pod or node ${JSON.stringify(text)}`, hint);
}

/** The other way round: the shortest name that stands for this file and no other. */
export function placeOfFile(files: readonly string[], file: string): string {
  const [namespace = '', name] = file.split('_');
  const kind = name === undefined ? 'node' : 'pod';
  const bare = name ?? file;
  const names = kind === 'node' || namespace === 'default' ? [bare, `${kind}/${bare}`] : [`${namespace}/${bare}`];
  const clear = names.find((text) => {
    const parsed = parsePlace(text);
    const found = parsed.ok ? matching(files, parsed.value, 'default') : [];
    return found.length === 1 && found[0] === file;
  });
  return clear ?? `${namespace}/pod/${bare}`;
}
