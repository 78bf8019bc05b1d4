import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { InputFile } from '../../../src/topology/syntax/document.ts';
import { file, inParts, readAll, shown } from './read.ts';

/** The first diagnostic of a file, and what to do about it. */
function told(input: InputFile) {
  const fault = readAll(input, { isKind: (kind) => kind === 'Pod' }).find((r) => r.what === 'fault');
  return fault?.what === 'fault' ? fault.diagnostics[0] : undefined;
}

const XZ = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0);
const TAR = new Uint8Array(1024);
TAR.set(new TextEncoder().encode('ustar'), 257);
const RUBY = '{"kind"=>"PodList", "items"=>[{"metadata"=>{"name"=>"web"}}]}';
const DESCRIBED = 'Name:             web-1\nNamespace:        shop\nPriority:         0\nNode:             node-1/192.168.1.11\n';
const WIDE =
  'NAME    READY   STATUS    RESTARTS   AGE   IP            NODE\nweb-1   1/1     Running   0          9d    10.244.1.10   node-1\n';
const GO = '{"SelfLink":"/api/v1/pods","ResourceVersion":"1","Items":[{"Name":"web","Spec":{"Containers":[]}}]}';
const TABLE = '{"kind":"Table","apiVersion":"meta.k8s.io/v1","columnDefinitions":[],"rows":[]}';

describe('forms that cannot be read are named, with what to do', () => {
  test.each([
    ['a table of kubectl get', file('x.txt', WIDE), /table that kubectl get prints/, /-o json/],
    ['the same of all namespaces', file('x.txt', `NAMESPACE   ${WIDE}`), /table that kubectl get prints/, /-o json/],
    ['a Table', file('x.json', TABLE), /this is a Table/, /-o json/],
    ['kubectl describe', file('x.txt', DESCRIBED), /kubectl describe/, /-o json/],
    ['a Ruby hash', file('x.json', RUBY), /Ruby hash/, /to_json/],
    ['a Ruby hash of symbols', file('x.json', '{:kind=>"Pod", :metadata=>{:name=>"web"}}'), /Ruby hash/, /to_json/],
    ["Go's own names", file('x.json', GO), /Go code/, /newer kubectl/],
    ['a Helm template', file('x.yaml', 'kind: Pod\nmetadata:\n  name: {{ .Values.name }}\n'), /Helm template/, /helm template/],
    ['one that begins with braces', file('x.yaml', '{{- if .Values.on }}\nkind: Pod\n{{- end }}\n'), /Helm template/, /helm template/],
    ['one that is YAML', file('x.yaml', 'kind: Pod\nmetadata:\n  name: "{{ .Release.Name }}-web"\n'), /Helm template/, /helm template/],
    [
      "kubectl's own message",
      file('x.txt', 'error: You must be logged in to the server (Unauthorized)\n'),
      /no objects to print/,
      /-o json/,
    ],
    ['a kustomization', file('a/kustomization.yaml', 'resources:\n- pod.yaml\n'), /kustomization/, /kubectl kustomize/],
    [
      'a kustomization with its kind',
      file('x.yaml', 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n'),
      /kustomization/,
      /kubectl kustomize/,
    ],
    ['an archive', { name: 'dump.tar', bytes: TAR }, /tar archive/, /tar -xf dump\.tar -C dump/],
    ['a zip archive', { name: 'dump.zip', bytes: Uint8Array.of(0x50, 0x4b, 3, 4) }, /zip archive/, /unzip dump\.zip -d dump/],
    ['a 7z archive', { name: 'dump.7z', bytes: Uint8Array.of(0x37, 0x7a, 0xbc, 0xaf) }, /7z archive/, /7z x dump\.7z -odump/],
    ['a tar archive that xz compressed', { name: 'd.tar.xz', bytes: XZ }, /tar archive, compressed/, /tar -xf d\.tar\.xz -C dump/],
    ['what xz compressed', { name: 'x.json.xz', bytes: XZ }, /this is compressed/, /xz -dc x\.json\.xz \| k8s-trace -f -/],
    ['UTF-16', { name: 'x.json', bytes: Uint8Array.of(0xff, 0xfe, 0x7b, 0) }, /UTF-16/, /-Encoding utf8/],
  ])('%s', (_name, input, message, hint) => {
    const found = told(input);
    expect(found).toMatchObject({
      severity: 'error',
      code: 'wrong-form',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });
});

test('the command that unpacks an archive does so', () => {
  const folder = mkdtempSync(join(tmpdir(), 'archive-'));
  try {
    writeFileSync(join(folder, 'pods.json'), '{}');
    execFileSync('tar', ['-czf', "a dump's.tgz", 'pods.json'], { cwd: folder });
    execFileSync('tar', ['-cf', "a dump's.tar", 'pods.json'], { cwd: folder });
    const bytes = readFileSync(join(folder, "a dump's.tar"));
    for (const name of ["a dump's.tar", "a dump's.tgz"]) {
      const [, command = 'false'] = /^unpack it first: (.*) && k8s-trace /.exec(told({ name, bytes })?.hint ?? '') ?? [];
      execFileSync('sh', ['-c', command], { cwd: folder });
      expect(readFileSync(join(folder, 'dump/pods.json'), 'utf8')).toBe('{}');
      rmSync(join(folder, 'dump'), { recursive: true });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('what is wrong with a text, and where', () => {
  test.each([
    [
      'JSON that is cut off',
      file('x.json', '{\n "kind": "List",\n "items": [\n  {"kind": "Pod",'),
      'error json-syntax 4:18',
      /ends in the middle/,
    ],
    [
      'JSON that is cut off in a string',
      file('x.json', '{"kind": "Pod", "metadata": {"na'),
      'error json-syntax 1:30',
      /ends in the middle/,
    ],
    ['JSON with a comma too many', file('x.json', '[{"kind": "Pod",}]'), 'error json-syntax 1:17', /cannot stand here/],
    ['JSON without a comma', file('x.json', '[\n{"kind": "Pod"}\n{"kind": "Pod"}]'), 'error json-syntax 3:1', /cannot stand here/],
    ['an object that is no JSON', file('x.json', '[\n {"kind": "Pod",\n  "a": {"b": tru}}]'), 'error json-syntax 3:14', /not valid JSON/],
    ['a word between items', file('x.json', '[\n{"kind": "Pod"},\n nul,\n{"kind": "Pod"}]'), 'error json-syntax 3:2', /cannot stand here/],
    [
      'a list between items, which is none',
      file('x.json', '[{"kind": "Pod"},\n [1, [2}, 3]]'),
      'error json-syntax 2:8',
      /cannot stand here/,
    ],
    [
      'a string between items, with an unknown escape',
      file('x.json', '[{"kind": "Pod"}, "a\\qb"]'),
      'error json-syntax 1:21',
      /cannot stand here/,
    ],
    ['a number between items', file('x.json', '{"items": [{"kind": "Pod"}, 01]}'), 'error json-syntax 1:30', /cannot stand here/],
    [
      "a member before a list's items",
      file('x.json', '{"kind": "List", "metadata":\n {"größe": tru}, "items": [{"kind": "Pod"}]}'),
      'error json-syntax 2:12',
      /cannot stand here/,
    ],
    [
      "a member behind a list's items",
      file('x.json', '{"items": [\n{"kind": "Pod"}],\n"metadata": {"a" "b"}, "kind": "List"}'),
      'error json-syntax 3:18',
      /cannot stand here/,
    ],
    ['a second bracket behind JSON', file('x.json', '{"kind": "Pod"}\n}'), 'error json-syntax 2:1', /cannot stand here/],
    ['YAML behind JSON', file('x.json', '{"kind": "Pod"}\n---\nkind: Pod\n'), 'error json-syntax 2:1', /cannot stand here/],
    ['JSON without end', file('x.json', `{"kind": "Pod", "a": ${'['.repeat(501)}`), 'error too-deep 1:522', /levels/],
    [
      'YAML that is wrong',
      file('x.yaml', 'kind: List\nitems:\n- kind: Pod\n  a: [1\n- kind: Pod\n'),
      'error yaml-syntax 4:6',
      /opened and not closed/,
    ],
    ['YAML that is wrong in the second document', file('x.yaml', 'kind: Pod\n---\nkind: Pod\na: "\n'), 'error yaml-syntax 4:4', /./],
    ['a key that is there twice', file('x.yaml', 'kind: Pod\n---\nkind: Pod\na: 1\na: 2\n'), 'error duplicate-key 5:1', /twice/],
    [
      'a key of ours that is there twice',
      file('x.json', '[{"apiVersion": "k8s-trace/v1", "kind": "Topology",\n"a": 1, "a": 2}]'),
      'error duplicate-key 2:9',
      /twice/,
    ],
    ['what is no text', { name: 'x.json', bytes: Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d) }, 'error not-text -:-', /UTF-8/],
    ['what has a NUL', file('x.yaml', 'kind: Pod\u0000\n'), 'error not-text -:-', /not a text/],
    ['nothing', file('x.yaml', '\n'), 'error empty-file -:-', /empty/],
    ['no object', file('x.json', '[1, 2]'), 'error no-kind -:-', /no Kubernetes object/],
  ])('%s', (_name, input, place, message) => {
    const found = readAll(input).filter((r) => r.what === 'fault');
    expect(found.map(shown).join()).toContain(place);
    expect(found.map(shown).join()).toMatch(message);
  });

  test('what was read before it stays read', () => {
    const cut = '{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"a"}},{"kind":"Pod"';
    for (const input of [file('x.json', cut), inParts('x.json', cut, 3)])
      expect(readAll(input).map(shown)).toEqual([
        'Pod a',
        'error json-syntax 1:77 not valid JSON: the file ends in the middle of an object',
      ]);
  });
});

describe('of a directory', () => {
  const inDirectory = (name: string, text: string) =>
    readAll({ ...file(name, text), isFromDirectory: true }, { isKind: (kind) => kind === 'Pod' }).map(shown);
  test.each([
    ['a file of values', 'values.yaml', 'replicas: 2\n', []],
    ['a file of CI', '.github/ci.yaml', 'on: push\njobs:\n  a: { steps: [] }\n', []],
    ['a kustomization', 'kustomization.yaml', 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n', []],
    ['a file without objects', 'x.json', '[{"id": 1}]', []],
    ['an empty file', 'x.yaml', '', []],
    ['a broken file that is not of Kubernetes', 'x.yaml', 'a: [1\n', []],
    ['broken JSON', 'x.json', '{"a": [1\n', ['note json-syntax 2:1 not valid JSON: the file ends in the middle of an object']],
    ['a broken file of a kind that nobody reads', 'x.yaml', 'kind: Foo\na: [1\n', ['note yaml-syntax 2:4 this [ is opened and not closed']],
    ['a broken file of a kind that is read', 'x.yaml', 'kind: Pod\na: [1\n', ['error yaml-syntax 2:4 this [ is opened and not closed']],
    [
      'broken JSON of a kind that is read',
      'x.json',
      '{\n  "kind": "Pod",\n',
      ['error json-syntax 3:1 not valid JSON: the file ends in the middle of an object'],
    ],
  ])('%s', (_name, name, text, readings) => {
    expect(inDirectory(name, text)).toEqual(readings);
  });
});
