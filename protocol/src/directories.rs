//! Names in a server's directories that more than one program writes or looks for.

/// A ZooKeeper server's id, in its data directory.
pub const MYID: &str = "myid";
/// Where a ZooKeeper server keeps snapshots and logs, below each of its directories.
pub const VERSION_2: &str = "version-2";
/// Lets an empty ZooKeeper server vote. It is read beside the transaction logs, and the server removes it.
pub const INITIALIZE: &str = "initialize";
/// What a launcher writes to its own memory once its ZooKeeper server has been in a quorum.
pub const JOINED: &str = "joined.json";
