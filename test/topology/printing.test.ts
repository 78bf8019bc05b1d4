import { describe, expect, test } from 'vitest';
import { formatDiagnostics } from '../../src/index.ts';
import { file, printed, SMALLEST, told } from './sources.ts';

/** How errors look on a terminal: the frame around the caret, and what must not reach it. */

/** The line above the caret, and the character right above it. */
function framed(text: string): { readonly line: string; readonly above: string | undefined } {
  const lines = text.split('\n');
  const caret = lines.findIndex((l) => /^ *\^$/.test(l));
  const line = lines[caret - 1] ?? '';
  return { line, above: line[lines[caret]?.indexOf('^') ?? -1] };
}

describe('a long line is cut to the part around the caret', () => {
  const far = 5000;
  const yaml = `${SMALLEST}pods: [${' '.repeat(far)}{ name: pod-a, node: Xnode } ]${' '.repeat(far)}# end\n`;
  const json = `{ "apiVersion": "k8s-trace/v1", "kind": "Topology",${' '.repeat(far)} "nodes": [ 1, X ] ${' '.repeat(far)} }`;
  const twice = `{ "apiVersion": "k8s-trace/v1",${' '.repeat(far)} "kind": 1, "kind": 2 ${' '.repeat(far)} }`;

  test.each([
    ['a bad value in YAML', yaml, 'x.yaml', 40, 'X'],
    ['a bad value in YAML', yaml, 'x.yaml', 100, 'X'],
    ['a bad value in YAML', yaml, 'x.yaml', 160, 'X'],
    ['a syntax error in JSON', json, 'x.json', 100, 'X'],
    ['a key that is twice in JSON', twice, 'x.json', 100, '"'],
  ])('%s, file %#', (_name, text, name, width, character) => {
    const { line, above } = framed(printed([file(text, name)], width));
    expect(above).toBe(character);
    expect(line.length).toBeLessThanOrEqual(width);
  });

  test('a value at the very end of the width is still shown', () => {
    for (let spaces = 60; spaces < 110; spaces++) {
      const { line, above } = framed(printed([file(`${SMALLEST}pods: [${' '.repeat(spaces)}Xpod]\n`)], 100));
      expect([spaces, above, line.length <= 100]).toEqual([spaces, 'X', true]);
    }
  });
});

describe('characters that would act on the terminal are escaped', () => {
  const ESC = '\u001b';
  test.each([
    ['an escape sequence as the value of a label', `${SMALLEST}pods: [{ name: pod-a, node: "${ESC}[31m" }]\n`, 'x.yaml'],
    ['in a key', `${SMALLEST}pods: [{ name: pod-a, node: node-1, "a${ESC}[31m": 1 }]\n`, 'x.yaml'],
    ['written as an escape in YAML', `${SMALLEST}pods: [{ name: pod-a, node: node-1, labels: { "a\\e[2J": 7 } }]\n`, 'x.yaml'],
    ['in JSON', `{"apiVersion":"k8s-trace/v1","kind":"Topo\\u001b[31m"}`, 'x.json'],
    ['in a kind', `apiVersion: v1\nkind: "Topologie\\e[31m"\n`, 'x.yaml'],
    ['in the name of the file', `${SMALLEST}pods: 1\n`, `a${ESC}[31m.yaml`],
    ['a C1 control', `${SMALLEST}pods: [{ name: pod-a, node: "\u009b31m" }]\n`, 'x.yaml'],
    ['text that runs backwards', `${SMALLEST}pods: [{ name: pod-a, node: "\u202egnp" }]\n`, 'x.yaml'],
    ['in the target port of a warning', warning(`"h\\e[31m"`), 'x.yaml'],
  ])('%s', (_name, text, name) => {
    const out = printed([file(text, name)]);
    expect(out).not.toBe('');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  });

  function warning(value: string): string {
    return `${SMALLEST}services: [{ name: web, clusterIP: 10.96.0.1, selector: { app: ${value} }, ports: [{ port: 80 }] }]\n`;
  }

  test('the caret still points at the value behind an escaped one', () => {
    const { above } = framed(printed([file(`${SMALLEST}pods: [{ labels: { a: "${ESC}" }, name: pod-a, node: Xnode }]\n`)]));
    expect(above).toBe('X');
  });

  test('a tab before the value is shown as one character', () => {
    const { line, above } = framed(printed([file(`${SMALLEST}pods: [{\tname: pod-a,\tnode: Xnode }]\n`)]));
    expect([above, line.includes('\t')]).toEqual(['X', false]);
  });
});

describe('the whole', () => {
  const many = [file(`${SMALLEST}pods: 1\nservices: 2\n`)];

  test('several problems are counted, one is not', () => {
    expect(printed(many)).toMatch(/\n2 errors\n$/);
    expect(printed([file(`${SMALLEST}pods: 1\n`)])).not.toMatch(/1 error/);
  });

  test('colour is added to the same text, never instead of it', () => {
    const diagnostics = told(...many);
    const colored = formatDiagnostics(diagnostics, { color: true, width: 100 });
    expect(colored).toContain('\u001b[');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with an escape character
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(formatDiagnostics(diagnostics, { color: false, width: 100 }));
  });
});
