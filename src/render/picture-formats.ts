/** The names of the pictures, without what draws them. */
export const PICTURE_FORMATS = ['mermaid', 'dot', 'svg', 'html'] as const;

export type PictureFormat = (typeof PICTURE_FORMATS)[number];
