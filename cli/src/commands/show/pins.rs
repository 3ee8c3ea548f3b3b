//! `kafnix show pins`

use anyhow::Result;
use clap::builder::styling::Style;
use kafnix_generator::pins::{Pin, Product, pins};
use kafnix_generator::spec::Version;

use super::table::{head, rows};
use crate::console::Console;

pub(super) fn show(console: &Console) -> Result<()> {
    let pins = pins();
    if console.is_json() {
        return console.json(pins);
    }
    let mut text = String::new();
    for product in [Product::ZooKeeper, Product::Kafka] {
        head(&product.to_string(), console.out, &mut text);
        let titles = ["version", "hash", "vouched by", "JDK", "end of life", "known vulnerabilities"];
        let mut table = vec![titles.map(str::to_owned)];
        table.extend(pins.of(product).iter().map(|(version, pin)| row(*version, pin)));
        rows(&table, Style::new(), console.out, &mut text);
    }
    console.print(&text)
}

fn row(version: Version, pin: &Pin) -> [String; 6] {
    let jdks: Vec<_> = pin.jdks.iter().map(ToString::to_string).collect();
    let vulnerabilities = match pin.vulnerabilities.as_slice() {
        [] => "-".to_owned(),
        known => known.join(" "),
    };
    [
        version.to_string(),
        // Enough to compare with the eye; the JSON has all of it.
        pin.hash.chars().take("sha512-".len() + 8).collect(),
        pin.vouched_by.to_string(),
        jdks.join(" "),
        pin.end_of_life.clone().unwrap_or_else(|| "-".to_owned()),
        vulnerabilities,
    ]
}
