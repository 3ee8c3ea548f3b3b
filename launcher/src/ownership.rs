//! Whose a directory is. Every data directory bears a marker that names cluster, role and id, and not
//! the host: disks move. A directory that says that it is somebody else's is refused, and nothing in
//! it is overwritten.

use std::fmt;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::exit::refuse;
use crate::files;

pub const MARKER: &str = "kafnix-owner.json";
/// Written to every directory before the first of them becomes a marker, so that no moment of a crash
/// leaves one directory marked and another bare.
const PENDING: &str = "kafnix-owner.json.new";

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Owner {
    pub cluster: String,
    pub role: Role,
    pub id: i64,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    ZooKeeper,
    Broker,
}

impl fmt::Display for Owner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.role {
            Role::ZooKeeper => "ZooKeeper server",
            Role::Broker => "broker",
        };
        write!(out, "{role} {} of {}", self.id, self.cluster)
    }
}

/// What a directory says of its past.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Past {
    pub marked: bool,
    /// Was about to be marked together with the others.
    pub pending: bool,
    pub data: bool,
}

impl Past {
    pub fn kept(self) -> bool {
        self.marked || self.data
    }

    pub fn bare(self) -> bool {
        !self.kept() && !self.pending
    }
}

/// Reads the directory's marker and refuses that of another.
pub fn past(directory: &Path, owner: &Owner, data: bool) -> Result<Past> {
    let file = directory.join(MARKER);
    let text = files::read(&file)?;
    if let Some(text) = &text {
        check_marker(&file, text, owner)?;
    }
    Ok(Past { marked: text.is_some(), pending: directory.join(PENDING).exists(), data })
}

fn check_marker(file: &Path, text: &str, owner: &Owner) -> Result<()> {
    let file = file.display();
    match serde_json::from_str::<Owner>(text) {
        Ok(other) if other == *owner => Ok(()),
        Ok(other) => Err(foreign(&format!("{file} says that this directory is of {other}"), owner)),
        Err(error) => Err(refuse(format!(
            "{file} is not a marker that kafnix wrote ({error}): if the directory is of {owner}, remove that file"
        ))),
    }
}

/// The sentence for a directory that is another's. `says` names the file and what it says.
pub fn foreign(says: &str, owner: &Owner) -> anyhow::Error {
    refuse(format!(
        "{says}, and this host runs {owner}: mount the right disk, or empty the directory if its data may go"
    ))
}

/// Marks the directories, all of them or, seen after a crash, none.
pub fn mark(directories: &[&Path], owner: &Owner) -> Result<()> {
    let text = serde_json::to_string(owner)? + "\n";
    for directory in directories {
        files::write_forced(&directory.join(PENDING), &text)?;
        files::force_folder_of(&directory.join(PENDING))?;
    }
    for directory in directories {
        files::rename_forced(&directory.join(PENDING), &directory.join(MARKER))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(cluster: &str, role: Role, id: i64) -> Owner {
        Owner { cluster: cluster.to_owned(), role, id }
    }

    #[test]
    fn a_marker_is_read_back() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let owner = owner("c", Role::ZooKeeper, 1);
        mark(&[one.path(), two.path()], &owner).unwrap();
        for directory in [&one, &two] {
            let seen = past(directory.path(), &owner, false).unwrap();
            assert_eq!(seen, Past { marked: true, pending: false, data: false });
        }
        let text = std::fs::read_to_string(one.path().join(MARKER)).unwrap();
        assert_eq!(text, "{\"cluster\":\"c\",\"role\":\"zookeeper\",\"id\":1}\n");
    }

    #[test]
    fn a_marker_of_another_cluster_role_or_id_is_refused_and_stays() {
        let directory = tempfile::tempdir().unwrap();
        let here = owner("c", Role::Broker, 1);
        for other in
            [owner("d", Role::Broker, 1), owner("c", Role::ZooKeeper, 1), owner("c", Role::Broker, 2)]
        {
            mark(&[directory.path()], &other).unwrap();
            let error = past(directory.path(), &here, true).unwrap_err();
            let ended = error.downcast_ref::<crate::exit::Exit>().unwrap();
            assert_eq!(ended.status, 78);
            assert!(format!("{error}").contains(&format!("is of {other}, and this host runs {here}: ")));
            assert!(past(directory.path(), &other, true).unwrap().marked);
        }
    }

    #[test]
    fn a_marker_that_cannot_be_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(MARKER), "").unwrap();
        let error = past(directory.path(), &owner("c", Role::Broker, 1), true).unwrap_err();
        assert!(format!("{error}").contains("is not a marker that kafnix wrote"));
    }
}
