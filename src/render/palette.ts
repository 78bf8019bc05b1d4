/** The colours of pictures, by their meanings. Letters on each ground that they stand on have a contrast of 4.5 or more (WCAG 2, AA), which a test computes. */
type Colour =
  | 'ground'
  | 'panel'
  | 'raised'
  | 'line'
  | 'ink'
  | 'faint'
  | 'accent'
  | 'good'
  | 'good-ground'
  | 'bad'
  | 'bad-ground'
  | 'doubt'
  | 'doubt-ground'
  | 'change'
  | 'change-ground'
  | 'pod'
  | 'node'
  | 'network';

export type Palette = Readonly<Record<Colour, string>>;

export const LIGHT: Palette = {
  ground: '#f7f8fa',
  panel: '#eef0f4',
  raised: '#ffffff',
  line: '#d3d8e0',
  ink: '#1b2330',
  faint: '#566173',
  accent: '#2f5bd0',
  good: '#14703a',
  'good-ground': '#e2f4e8',
  bad: '#b3202a',
  'bad-ground': '#fdeaea',
  doubt: '#855400',
  'doubt-ground': '#fdf1d8',
  change: '#7a2fb0',
  'change-ground': '#f3eafb',
  pod: '#0c6b78',
  node: '#2f5bd0',
  network: '#566173',
};

export const DARK: Palette = {
  ground: '#0f141b',
  panel: '#171e28',
  raised: '#1c2530',
  line: '#354050',
  ink: '#e6ebf2',
  faint: '#a0acbc',
  accent: '#8fb0ff',
  good: '#5fd38c',
  'good-ground': '#12301f',
  bad: '#ff8f8f',
  'bad-ground': '#3d1a1e',
  doubt: '#f0c063',
  'doubt-ground': '#352a12',
  change: '#d3a4fb',
  'change-ground': '#2e2140',
  pod: '#67d0de',
  node: '#8fb0ff',
  network: '#a0acbc',
};

/** Custom properties of CSS: `var(--good)`. */
export const variables = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');
