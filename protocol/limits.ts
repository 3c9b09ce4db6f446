const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const TiB = MiB * MiB;

/**
 * Bounds that cross a wire or hold in more than one place; a bound of one part alone stands in that part. Sizes in bytes,
 * times in milliseconds. Members of two versions judge the same records by them, so who changes one changes the protocol.
 */
export const limits = {
  // API
  /** Body of a request. A larger one is answered 413. */
  apiBodyBytes: 1 * MiB,
  /** Path and query of a request. A longer one is answered 413. */
  apiUrlBytes: 4 * KiB,
  /** Unsent bytes of one event stream (SSE); a client that lags further behind is cut off. */
  apiStreamQueueBytes: 1 * MiB,
  /** Event streams (SSE) of one member open at once. */
  apiStreams: 256,
  /** Connections to the API of one member; more are closed at once. */
  apiConnections: 1_024,
  /** Failed authentications of one address in a minute; more are answered 429. */
  apiFailedLogins: 20,
  /** A command gives up after this long; its outcome is then unknown to the client. */
  apiCommandMs: 30_000,
  /** Items of one page. */
  pageItems: 500,
  /** How long an Idempotency-Key is remembered. */
  idempotencyMs: 24 * 3_600_000,

  // Between agents
  /** One frame on a gossip stream. A larger one closes the stream. */
  gossipFrameBytes: 1 * MiB,
  /** Outgoing gossip bytes waiting for one peer; the oldest are dropped beyond it. */
  gossipQueueBytes: 4 * MiB,
  /** The same without a link: what is old by the time there is one again, anti-entropy brings. */
  gossipOfflineQueueBytes: 256 * KiB,
  /** Body of one call or its answer. */
  callBodyBytes: 4 * MiB,
  /** Calls served at once for one peer. */
  callsPerPeer: 64,
  /** One join request or answer. */
  joinBodyBytes: 256 * KiB,
  /** Connections of strangers held open at once while a join token is usable. */
  strangers: 16,
  /** A stranger has this long to finish its join. */
  strangerMs: 10_000,
  /** Members of one mesh, and so hosts. */
  members: 1_000,
  /** Catalog records stamped further ahead than this are quarantined. */
  clockAheadMs: 15 * 60_000,

  // Records
  /** Records of the catalog, tombstones and history included; more are quarantined. */
  catalogRecords: 250_000,
  /** One catalog record's value. */
  recordBytes: 256 * KiB,
  /** A signed host record's payload. */
  hostRecordBytes: 768 * KiB,
  /** Records that could not be taken in, remembered so that people see them; the oldest go first. */
  quarantine: 256,
  /** A deletion is remembered this long. A member that was away for longer has to join anew. */
  tombstoneMs: 30 * 24 * 3_600_000,
  /** Events are kept this long, and the newest so many of them. */
  eventRetentionMs: 7 * 24 * 3_600_000,
  events: 10_000,
  /** Operations are kept this long after their end. */
  operationRetentionMs: 7 * 24 * 3_600_000,

  // What people make
  groups: 1_000,
  appsPerGroup: 1_000,
  clusters: 256,
  joinTokens: 1_000,
  credentials: 1_000,
  versionsPerApp: 1_000,
  deploymentsPerApp: 16,
  /** Of one deployment. */
  replicas: 1_000,
  /** Containers of an app named as about to go when replicas are placed. More are counted where they are. */
  leavingContainers: 2_000,
  containersPerHost: 1_000,
  /** Versions that a deployment remembers to have reached. */
  reachedVersions: 16,
  /** Containers that one operation moves, or names. */
  moves: 500,

  // Images
  /** A manifest (the distribution-spec asks for at least 4 MiB). */
  manifestBytes: 4 * MiB,
  layersPerManifest: 256,
  manifestsPerIndex: 128,
  /** Earlier digests of a tag. */
  tagHistory: 16,
  tagsPerRepository: 10_000,
  upstreams: 256,
  /** One blob, and one upload. */
  blobBytes: 256 * GiB,
  /** Pieces of one blob. */
  pieces: 16_384,
  /** Image operations that run at once. */
  imageOperations: 32,
  /** Parts of image operations in one host's record: of those that run, and of those whose end it has not seen. */
  tasksPerHost: 64,

  // Streams of a container
  /** One line of a log; a longer one is cut and marked. */
  logLineBytes: 16 * KiB,
  /** Newest lines of a container that can be asked for. */
  logTailLines: 100_000,
  /** Log streams that one member serves of its own containers at once. */
  logStreams: 128,
  /** Streams that one member serves at once for one peer. */
  streamsPerPeer: 256,
  /** What opens a stream between members. */
  streamHeaderBytes: 64 * KiB,
  /** Shell sessions of one host. */
  shells: 128,
  /** Of one session. */
  shellViewers: 8,
  /** Output of a session that can be shown again. */
  shellReplayBytes: 1 * MiB,
  /** Output sent to a viewer ahead of what it says it has shown. */
  shellWindowBytes: 512 * KiB,
  /** Input ahead of what the process took. */
  shellInputBytes: 256 * KiB,
  /** One recording of a shell; what comes after it is not recorded. */
  recordingBytes: 8 * MiB,
  /** All recordings of a host; the oldest go. */
  recordingsBytes: 256 * MiB,
  recordings: 1_000,
  /** The last output of a container that was removed. */
  lastOutputBytes: 1 * MiB,
  /** That of all of a host; the oldest goes. */
  lastOutputsBytes: 64 * MiB,
  /** How long it is kept. */
  lastOutputMs: 3_600_000,
  /** Places to which logs are forwarded. */
  logForwards: 32,
  /** Lines of one place that wait on one host; the oldest are dropped. */
  forwardSpoolBytes: 64 * MiB,
  /** Points of one history of usage. */
  usagePoints: 1_000,

  // A version
  envEntries: 256,
  labels: 64,
  ports: 64,
  volumes: 32,
  constraints: 32,
  affinities: 16,
  spreads: 4,
  /** Configuration files. */
  files: 64,
  /** One of them: as base64 it fits a record. */
  fileBytes: 128 * KiB,
  /** All of them: as base64 they fit a request. */
  versionFileBytes: 512 * KiB,
  /** Different contents of all versions of one app: every member keeps them in memory. */
  appFileBytes: 16 * MiB,
  /** Words of a command, an entrypoint or a health check. */
  commandWords: 128,
  /** Docker refuses less than 6 MiB. */
  memoryBytesMin: 6 * MiB,
  memoryBytesMax: 64 * TiB,
} as const;
