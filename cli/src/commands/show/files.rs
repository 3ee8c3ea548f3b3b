//! `kafnix show files`

use anyhow::Result;
use kafnix_generator::{Cluster, Lock};

use super::table::head;
use crate::commands::generate;
use crate::console::{Console, lines};

pub(super) fn show(cluster: &Cluster, before: Option<&Lock>, console: &Console) -> Result<()> {
    let files = generate(cluster, before)?;
    if console.is_json() {
        return console.json(&files);
    }
    let mut text = String::new();
    for (path, content) in &files {
        head(path, console.out, &mut text);
        text.push_str(&lines(content));
    }
    console.print(&text)
}
