/** Periods (milliseconds of own time) and bounds of the broadcast. */
export const bounds = {
  /** Lazy peers that are told of each change. More repair a broken tree sooner and cost that many ids per change. */
  lazyFanout: 6,
  /** Wait for the tree to bring an announced change before asking for it. */
  missingMs: 300,
  /** Wait before the next announcer is asked. */
  graftAgainMs: 200,
  /** Announcers remembered per missing change; each is asked once, then anti-entropy has to bring it. */
  announcers: 6,
  missing: 4_096,
  /** A peer is told this often at most that its link is not part of the tree: more was on its way before it knew. */
  pruneAgainMs: 200,
  /** Ids in one message. */
  idsPerMessage: 256,
  /** Ids waiting to be announced to one peer until the next tick; beyond it the oldest are dropped. */
  announcements: 1_024,
  /** A change is known as seen this long, up to so many. */
  seenMs: 60_000,
  seen: 16_384,
  /** A change is kept for those who ask this long, up to so many bytes in all. */
  keptMs: 10_000,
  keptBytes: 8 * 1024 * 1024,
} as const;
