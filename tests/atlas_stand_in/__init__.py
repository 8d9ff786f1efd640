"""A MongoDB Atlas for tests: SecantusDB behind a proxy that adds search indexes and their bad habits.

Drivers connect to the proxy over TCP. It hands every command to the server unchanged, but for those of search
(index management, `$search`, `$searchMeta`, `$vectorSearch`, `$rankFusion`): these it answers as mongot and
mongod do. Indexes take time to build, lag behind the writes and keep what was deleted; an unknown index finds
nothing. `process.StandIn` starts one and stops it.
"""
