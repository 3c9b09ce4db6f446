import { ShoalError } from '../../protocol/errors.ts';
import { resolvedImage } from '../../protocol/image-reference.ts';
import type { VersionSpec } from '../../protocol/schemas/version.ts';
import type { ResolvedImage } from '../services/images/image-platform.ts';
import type { Platform } from '../services/platform.ts';

/** Time for other registries to say what an image stands for. Milliseconds; the command that follows needs its own. */
const RESOLVE_MS = 15_000;

/**
 * What the image that a request names stands for now, as commands carry it. Nothing when it names none, and when only engines
 * know it.
 *
 * @throws ShoalError as resolveImage, at `/image` or `/spec/image`
 */
export async function resolveSpec(
  platform: Platform,
  { spec, image }: { readonly spec?: VersionSpec; readonly image?: string },
  signal: AbortSignal,
): Promise<{ readonly resolvedImage?: string }> {
  const wanted = image ?? spec?.image;
  const pointer = image === undefined ? '/spec/image' : '/image';
  const found = wanted === undefined ? undefined : await resolveImage(platform, wanted, pointer, signal);
  return found === undefined ? {} : { resolvedImage: resolvedImage(found.repository, found.digest) };
}

/**
 * What an image stands for now; undefined when only engines know it.
 *
 * @param pointer where the request names it
 * @throws ShoalError image-not-found, upstream-denied, upstream-unavailable, invalid-request
 */
export async function resolveImage(
  platform: Platform,
  image: string,
  pointer: string,
  signal: AbortSignal,
): Promise<ResolvedImage | undefined> {
  const deadline = AbortSignal.timeout(RESOLVE_MS);
  try {
    return await platform.images.resolve(image, AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (!deadline.aborted) throw error instanceof ShoalError ? refusal(error, pointer) : error;
    const detail = `No registry said within ${RESOLVE_MS / 1_000} s what "${image}" stands for; nothing was changed.`;
    throw refusal(new ShoalError('upstream-unavailable', detail), pointer);
  }
}

/** Whoever resolves an image does not know where the request named it. */
function refusal(error: ShoalError, pointer: string): ShoalError {
  const detail = error.faults[0]?.detail ?? 'could not be resolved';
  return new ShoalError(error.code, error.message, { faults: [{ pointer, detail }], cause: error });
}
