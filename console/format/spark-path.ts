/**
 * A small line as the path of an SVG: `M0 12L10 4`. It ends at the right edge; where nothing was measured it is broken.
 *
 * @param values oldest first; undefined is a gap
 * @param slots how many values the whole width is for
 * @param most the value at the upper edge
 */
export function sparkPath(
  values: readonly (number | undefined)[],
  {
    slots,
    most,
    width,
    height,
  }: { readonly slots: number; readonly most: number; readonly width: number; readonly height: number },
): string {
  const stepPx = width / Math.max(1, slots - 1);
  const shown = values.slice(-slots);
  const startPx = width - (shown.length - 1) * stepPx;
  let path = '';
  let isDrawing = false;
  for (const [index, value] of shown.entries()) {
    if (value === undefined) {
      isDrawing = false;
      continue;
    }
    const share = most <= 0 ? 0 : Math.min(1, Math.max(0, value / most));
    path += `${isDrawing ? 'L' : 'M'}${round(startPx + index * stepPx)} ${round(height - share * height)}`;
    isDrawing = true;
  }
  return path;
}

const round = (px: number): number => Math.round(px * 10) / 10;
