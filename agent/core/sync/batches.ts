/**
 * Puts items into messages of at most `messageBytes`, in order, until `totalBytes` are full. An item that is larger than a
 * message gets one of its own, so a large record is late but never stuck.
 */
export function inBatches<T>(
  items: Iterable<T>,
  sizeOf: (item: T) => number,
  { messageBytes, totalBytes }: { readonly messageBytes: number; readonly totalBytes: number },
): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let batchBytes = 0;
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (bytes > 0 && bytes + size > totalBytes) break;
    if (batch.length === 0 || batchBytes + size > messageBytes) {
      batch = [];
      batchBytes = 0;
      batches.push(batch);
    }
    batch.push(item);
    batchBytes += size;
    bytes += size;
  }
  return batches;
}
