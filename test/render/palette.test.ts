import { describe, expect, test } from 'vitest';
import { DARK, LIGHT, type Palette } from '../../src/render/palette.ts';

/** Relative luminance and contrast as WCAG 2 defines them. */
const luminance = (colour: string): number => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a: string, b: string): number => {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

test('contrast is computed as WCAG says: black on white 21, #777777 on white 4.48', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

describe.each<[string, Palette]>([
  ['light', LIGHT],
  ['dark', DARK],
])('letters can be read: %s', (_name, palette) => {
  const grounds = ['ground', 'panel', 'raised'] as const;
  test.each([
    ['ink', [...grounds, 'good-ground', 'bad-ground', 'doubt-ground', 'change-ground']],
    ['faint', [...grounds, 'bad-ground']],
    ['accent', grounds],
    ['good', [...grounds, 'good-ground']],
    ['bad', [...grounds, 'bad-ground']],
    ['doubt', [...grounds, 'doubt-ground']],
    ['change', [...grounds, 'change-ground', 'bad-ground']],
    ['pod', grounds],
    ['node', grounds],
    ['network', grounds],
  ] as const)('%s', (ink, on) => {
    for (const ground of on) expect([ground, contrast(palette[ink], palette[ground]) >= 4.5]).toEqual([ground, true]);
  });
});
