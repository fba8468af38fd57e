/** Commands of MongoDB 7.0 that the embedded store does not offer. https://www.mongodb.com/docs/manual/reference/command/ */
const NOT_OFFERED = `abortReshardCollection addShard addShardToZone analyze analyzeShardKey applyOps authenticate autoCompact
  balancerCollectionStatus balancerStart balancerStatus balancerStop bulkWrite checkMetadataConsistency checkShardingIndex
  cleanupOrphaned cleanupReshardCollection cleanupStructuredEncryptionData clearJumboFlag cloneCollectionAsCapped collStats
  commitReshardCollection compact compactStructuredEncryptionData configureCollectionBalancing configureFailPoint
  configureQueryAnalyzer connPoolStats connPoolSync connectionStatus convertToCapped createRole createSearchIndexes
  createUser currentOp dataSize dbHash dbStats dropAllRolesFromDatabase dropAllUsersFromDatabase dropConnections dropRole
  dropSearchIndex dropUser enableSharding features filemd5 flushRouterConfig fsync fsyncUnlock getAuditConfig getCmdLineOpts
  getDefaultRWConcern getLog getLastError getParameter getShardMap getShardVersion grantPrivilegesToRole grantRolesToRole
  grantRolesToUser hostInfo invalidateUserCache isdbgrid killOp listCommands listDatabaseCollections listSearchIndexes
  listShards lockInfo logApplicationMessage logRotate logout mapReduce mergeAllChunksOnShard mergeChunks moveChunk
  moveCollection movePrimary moveRange netstat planCacheClear planCacheClearFilters planCacheListFilters
  planCacheSetFilter profile refineCollectionShardKey reIndex removeShard removeShardFromZone replSetAbortPrimaryCatchUp
  replSetFreeze replSetGetConfig replSetGetStatus replSetInitiate replSetMaintenance replSetReconfig
  replSetResizeOplog replSetStepDown replSetSyncFrom resetError reshardCollection revokePrivilegesFromRole
  revokeRolesFromRole revokeRolesFromUser rolesInfo rotateCertificates saslContinue saslStart serverStatus
  setAllowMigrations setAuditConfig setClusterParameter setDefaultRWConcern setFeatureCompatibilityVersion
  setIndexCommitQuorum setParameter setProfilingLevel setQuerySettings shardCollection shardingState shutdown split
  splitVector top transitionFromDedicatedConfigServer transitionToDedicatedConfigServer unsetSharding unshardCollection
  updateRole updateSearchIndex updateUser updateZoneKeyRange usersInfo validate validateDBMetadata whatsmyuri`;

const KNOWN = new Set(NOT_OFFERED.toLowerCase().split(/\s+/));

/** Whether MongoDB has such a command, though we do not offer it. */
export function isKnownCommand(name: string): boolean {
  return KNOWN.has(name.toLowerCase());
}
