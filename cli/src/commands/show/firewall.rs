//! `kafnix show firewall`

use anyhow::Result;
use clap::builder::styling::Style;
use kafnix_generator::Cluster;
use kafnix_generator::firewall::{Matrix, Row};

use super::table::{head, rows};
use crate::console::Console;

pub(super) fn show(cluster: &Cluster, console: &Console) -> Result<()> {
    let matrix = Matrix::of(cluster);
    let found = matrix.rows();
    if console.is_json() {
        return console.json(&found);
    }
    let mut text = String::new();
    head("Who may reach which port, beside what the machine files open", console.out, &mut text);
    let mut table = vec![["host", "address", "port", "what", "from"].map(str::to_owned)];
    table.extend(found.iter().map(row));
    rows(&table, Style::new(), console.out, &mut text);
    let groups = matrix.groups();
    if !groups.is_empty() {
        head("Groups", console.out, &mut text);
        let groups: Vec<_> = groups
            .into_iter()
            .map(|(name, members)| {
                let members: Vec<_> = members.iter().map(ToString::to_string).collect();
                [name, members.join(", ")]
            })
            .collect();
        rows(&groups, Style::new(), console.out, &mut text);
    }
    console.print(&text)
}

fn row(row: &Row<'_>) -> [String; 5] {
    let opening = &row.opening;
    let address = opening.address.map_or_else(|| "every address".to_owned(), |address| address.to_string());
    let from = opening.from.as_ref().map_or_else(
        || "everybody".to_owned(),
        |from| from.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    );
    [row.host.to_owned(), address, opening.port.to_string(), opening.what.clone(), from]
}
