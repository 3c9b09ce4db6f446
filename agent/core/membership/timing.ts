/**
 * Periods and bounds of failure detection, after SWIM (Das et al. 2002) and Lifeguard (Dadgar et al. 2018).
 * All times are of the member's own time (see `mesh/own-time.ts`), in milliseconds.
 */
export const timing = {
  /** One neighbour is probed per interval x (health + 1). Lower finds the dead sooner and costs more messages. */
  probeIntervalMs: 1_000,
  /** Wait for the ack, x (health + 1); the same again for the indirect ones. */
  probeTimeoutMs: 500,
  /** Members asked to probe in our place. */
  indirectProbes: 3,
  /** Probes under way at once. */
  probesAtOnceMax: 8,
  /** How many of a member's neighbours check a hint (broken connection, suspicion of somebody else), on average. */
  hintProbes: 6,
  /** A suspect has at least this x max(1, log10 N) to refute. */
  suspicionBaseMs: 3_000,
  /** Without confirmations it has this many times longer. */
  suspicionMaxFactor: 6,
  /** Independent accusers, besides the first, that bring the suspicion down to its minimum (K of Lifeguard). */
  confirmations: 3,
  /** Members that are not among the accusers wait this much longer for somebody's verdict before they give their own. */
  bystanderMs: 1_500,
  /** Upper end of the local health score; 8 slows probing down nine times. */
  healthMax: 8,
  /** A random dead member is tried every so often, for ever: what heals a partition. */
  deadProbeMs: 2_000,
  /** A suspect is reminded this often by its accusers, and the dead who speak are told at most this often. */
  tellAgainMs: 300,
  /** Neighbours have this long to answer a roll call; halfway they are asked again. */
  rollCallMs: 1_000,
  /** Roll calls are at least this far apart. */
  rollCallEveryMs: 2_000,
  /** Members that died longer ago than this no longer count when a member wonders whether it is cut off. */
  isolationMs: 30_000,
  /** Up to this many members everybody is everybody's neighbour. */
  fullMeshMembers: 32,
  /** Rings of neighbours in a larger mesh: two neighbours each. */
  rings: 4,
  /** Of these, the ones whose links start as broadcast tree. */
  treeRings: 2,
  /** Probes made for others at once. */
  relaysMax: 256,
} as const;
