import { describe, expect, test } from 'vitest';
import type { TraceDocument } from '../../src/index.ts';
import { pictureRenderers } from '../../src/render/pictures.ts';
import { tracesOf } from '../render/traces.ts';
import { ask, askIn, networkOf } from '../tracing.ts';
import { type Browser, overhang } from './browser.ts';
import { HOSTILE } from './frame.suite.ts';

const options = { color: false, width: 100, allPaths: false, reply: false, verbose: false };
const pageOf = (...traces: readonly TraceDocument[]): string => pictureRenderers.html(traces, options);

/** Pages of every shape: one path, several, none that arrives, families, a controller, a tunnel, no packet at all. */
const PAGES: Readonly<Record<string, () => string>> = {
  'two endpoints': () => pageOf(tracesOf('a service with two endpoints')),
  'no route': () => pageOf(tracesOf('no route')),
  'a loop': () => pageOf(tracesOf('a loop')),
  'two families': () => pageOf(ask('ipv6/one-family-cut.yaml', 'a', 'svc/web')),
  ingress: () => pageOf(ask('http/ingress.yaml', 'laptop', 'https://shop.example.com/')),
  'a volume': () => pageOf(ask('sharing/volumes.yaml', ...VOLUME)),
  'several sources': () => pageOf(tracesOf('same node'), tracesOf('no route')),
};
const VOLUME = ['app@web', 'shipper@web', { over: 'volume' }] as const;

/** Names that a file may give to files, addresses of HTTP, and labels; the file's own name, too. */
const hostileTrace = (): TraceDocument => {
  const name = HOSTILE.join(' ');
  const text = `apiVersion: k8s-trace/v1
kind: Topology
cluster: { podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12 }
nodes: [{ name: node-1, ip: 192.168.1.11, podCIDR: 10.244.1.0/24 }]
pods:
  - { name: a, node: node-1, ip: 10.244.1.10, volumes: [{ name: v, emptyDir: {} }], containers: [{ name: x, volumeMounts: [{ name: v, mountPath: ${JSON.stringify(`/${HOSTILE[0]}`)} }] }, { name: z, volumeMounts: [{ name: v, mountPath: ${JSON.stringify(`/${HOSTILE[1]}`)} }] }] }
`;
  return askIn(networkOf(text, name), 'x@a', 'z@a', { over: 'volume' });
};

export function traceSuite(open: Browser['open']): void {
  describe.each(Object.keys(PAGES))('%s', (name) => {
    const text = PAGES[name]?.() ?? '';

    test('nothing is complained about, asked for, or wider than the window', async () => {
      const { page, complaints, requests } = await open(text);
      for (const [width, scheme] of [
        [360, 'dark'],
        [768, 'light'],
        [1440, 'dark'],
      ] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        await page.setViewportSize({ width, height: 900 });
        expect([scheme, width, await overhang(page)]).toEqual([scheme, width, 0]);
      }
      // With everything opened, too.
      await page.evaluate(
        'for (const x of document.querySelectorAll("details")) x.open = true; document.getElementById("all").checked = true',
      );
      for (const width of [360, 768, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        expect([width, await overhang(page)]).toEqual([width, 0]);
      }
      expect([complaints, requests]).toEqual([[], []]);
    });
  });

  test('where it ends is said in words and by a shape; a click shows the place in the file and the fix', async () => {
    const { page } = await open(pageOf(tracesOf('no route')));
    expect(await page.locator('.flag').allTextContents()).toEqual(['✕ ends here: dropped NO_ROUTE']);
    const hop = page.locator('.refusal');
    expect(await hop.locator('.evidence').isVisible()).toBe(false);
    await hop.locator('summary').click();
    const evidence = await hop.locator('.evidence').textContent();
    expect(evidence).toContain('Put the route back: take 10.244.2.0/24 out of routes.remove (four-pods.yaml:5)');
    // A browser tells of an opened element by an event of its own, after the click: the address may follow late.
    await page.waitForURL(/#s1-p1-forward-17$/);
    const removed = page.locator('#s1-p1-forward-8');
    await removed.locator('summary').click();
    expect(await removed.locator('.source').textContent()).toBe('four-pods.yaml:16:28');
    await page.keyboard.press('Escape');
    expect(await page.locator('.evidence:visible').count()).toBe(0);
  });

  test('what is changed of the header is marked, with the words for who does not see it', async () => {
    const { page } = await open(pageOf(tracesOf('a service with two endpoints')));
    const changes = await page.locator('.panel >> nth=1').locator('.header.change').allTextContents();
    expect(changes).toContain('header changes: destination 10.96.0.10:80 ⇒ 10.244.2.10:8080');
    expect(changes).toContain('header changes: source 10.244.2.10:8080 ⇒ 10.96.0.10:80');
  });

  test('tabs by the keyboard: a hop is opened by it, too', async () => {
    const { page } = await open(pageOf(tracesOf('a service with two endpoints')));
    const visible = () => page.locator('.place:visible, .name:visible').allTextContents();
    expect((await visible()).join()).toContain('pod-b');
    await page.locator('#s1-path-1').focus();
    await page.keyboard.press('ArrowRight');
    expect((await visible()).join()).not.toContain('pod-b');
    await page.locator('#s1-p2-forward-5 summary').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#s1-p2-forward-5 .evidence').isVisible()).toBe(true);
  });

  test('an address with a hop opens it, in its tab', async () => {
    const { page } = await open(pageOf(tracesOf('a service with two endpoints')));
    await page.evaluate('location.hash = "#s1-p2-ack-5"');
    await page.locator('#s1-p2-ack-5 .evidence').waitFor({ state: 'visible' });
    expect(await page.locator('#s1-path-2').isChecked()).toBe(true);
  });

  test('without scripts: tabs, evidence and all hops', async () => {
    const { page } = await open(pageOf(tracesOf('a service with two endpoints')), { script: false });
    await page.getByText('Path 2, 50 %').first().click();
    await page.locator('#s1-p2-forward-5 summary').click();
    expect(await page.locator('#s1-p2-forward-5 .evidence').isVisible()).toBe(true);
    expect(await page.locator('#s1-p2-forward-2').isVisible()).toBe(false);
    await page.getByText('every hop').click();
    expect(await page.locator('#s1-p2-forward-2').isVisible()).toBe(true);
  });

  test('lanes are columns in the order of the way where there is room, and below each other where there is none', async () => {
    const { page } = await open(pageOf(tracesOf('other node')));
    const boxes = () =>
      page.evaluate(
        '[...document.querySelectorAll(".leg")[0].querySelectorAll(".stop")].map((x) => { const { x: left, y } = x.getBoundingClientRect(); return [left, y]; })',
      );
    const wide = (await boxes()) as number[][];
    expect(wide).toHaveLength(5);
    expect(new Set(wide.map(([, y]) => y)).size).toBe(1);
    expect(wide.map(([x]) => x)).toEqual(wide.map(([x]) => x).sort((a = 0, b = 0) => a - b));
    await page.setViewportSize({ width: 768, height: 900 });
    const narrow = (await boxes()) as number[][];
    expect(new Set(narrow.map(([x]) => x)).size).toBe(1);
  });

  test('on paper all paths are there', async () => {
    const { page } = await open(pageOf(tracesOf('a service with two endpoints')), { scheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    for (const path of ['pod-b', 'pod-c'])
      expect(await page.locator('.place:visible, .name:visible').filter({ hasText: path }).count()).toBeGreaterThan(0);
    expect(await page.evaluate('getComputedStyle(document.documentElement).color')).toBe('rgb(27, 35, 48)');
  });

  test('a drawing: with the letters of this machine all texts are within their lanes', async () => {
    const drawn = pictureRenderers.svg([ask('http/ingress.yaml', 'laptop', 'https://shop.example.com/')], options);
    const { page } = await open(`<!doctype html><title>drawing</title>${drawn}`, { width: 1440 });
    const over = await page.evaluate(`(() => {
      const cards = [...document.querySelectorAll('rect.card')].map((r) => r.getBBox());
      return [...document.querySelectorAll('text.small')].flatMap((text) => {
        const { x, y, width, height } = text.getBBox();
        const card = cards.find((c) => x >= c.x && x < c.x + c.width && y + height / 2 >= c.y && y + height / 2 <= c.y + c.height);
        return card === undefined || x + width <= card.x + card.width ? [] : [text.textContent];
      });
    })()`);
    expect(over).toEqual([]);
  });

  test('hostile names are text, and the embedded data is the trace', async () => {
    const trace = hostileTrace();
    const { page, complaints, requests } = await open(pageOf(trace));
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('img, svg').count()).toBe(0);
    expect(await page.locator('main').textContent()).toContain('</script><script>window.hacked = 1</script>');
    expect(JSON.parse((await page.locator('#data').textContent()) ?? '')).toEqual(JSON.parse(JSON.stringify(trace)));
    expect([complaints, requests]).toEqual([[], []]);
  });
}
