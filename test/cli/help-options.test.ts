import { describe, expect, test } from 'vitest';
import { run } from './fake-io.ts';

/** The help of a command lists no option that the command refuses. */
describe('options that a command has not', () => {
  const VALUES: Readonly<Record<string, string>> = {
    '--filename': '--filename world.yaml',
    '--recursive': '--recursive',
    '--output': '--output json',
    '--verbose': '--verbose',
    '--node-state': '--node-state state',
    '--with': '--with world.yaml',
    '--without': '--without node/node-1',
    '--cni': '--cni bridge',
    '--mtu': '--mtu 1500',
  };
  const WORLD = 'apiVersion: k8s-trace/v1\nkind: Topology\nnodes: [{ name: node-1, ip: 192.168.1.11 }]\n';

  const lists = (help: string, option: string) => new RegExp(`^ +(-\\w, )?${option}\\b`, 'm').test(help);

  test.each([
    ['schema', 'schema trace'],
    ['completion', 'completion bash'],
    ['explain', 'explain NO_ROUTE'],
    ['collect', 'collect --print'],
    ['snapshot', 'snapshot --print'],
  ])('%s', async (command, words) => {
    const { stdout: help } = await run(`${command} --help`);
    const refused: string[] = [];
    for (const [option, given] of Object.entries(VALUES)) {
      const { status, stderr } = await run(`${words} ${given}`, { files: { 'world.yaml': WORLD } });
      if (status === 2 && stderr.includes('has no option')) refused.push(option);
    }
    expect(refused).not.toEqual([]);
    expect(refused.filter((option) => lists(help, option))).toEqual([]);
  });

  test('others list them all', async () => {
    const { stdout } = await run('drift --help');
    expect(Object.keys(VALUES).filter((option) => !lists(stdout, option))).toEqual([]);
    expect(stdout).not.toContain('node...');
  });
});
