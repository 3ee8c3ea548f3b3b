//! `kafnix show pins`

use anyhow::Result;
use clap::builder::styling::Style;
use kafnix_generator::pins::{Pin, Pins, Product, Vulnerability, pins};
use kafnix_generator::spec::Version;

use super::table::{head, rows};
use crate::console::{Console, Paint};

pub(super) fn show(console: &Console) -> Result<()> {
    let pins = pins();
    if console.is_json() {
        return console.json(pins);
    }
    console.print(&text(pins, console.out))
}

fn text(pins: &Pins, paint: Paint) -> String {
    let mut text = String::new();
    for product in [Product::ZooKeeper, Product::Kafka] {
        head(&product.to_string(), paint, &mut text);
        let titles = ["version", "hash", "vouched by", "JDK", "end of life", "known vulnerabilities"];
        let mut table = vec![titles.map(str::to_owned)];
        table.extend(pins.of(product).iter().map(|(version, pin)| row(*version, pin)));
        rows(&table, Style::new(), paint, &mut text);
    }
    head("Vulnerabilities", paint, &mut text);
    let known: Vec<_> = pins.vulnerabilities.iter().map(|(id, known)| vulnerability(id, known)).collect();
    rows(&known, Style::new(), paint, &mut text);
    text
}

fn vulnerability(id: &str, known: &Vulnerability) -> [String; 4] {
    let fixed: Vec<_> = known.fixed_in.iter().map(ToString::to_string).collect();
    let fixed =
        if fixed.is_empty() { "not fixed".to_owned() } else { format!("fixed in {}", fixed.join(" ")) };
    [id.to_owned(), known.product.to_string(), fixed, known.title.clone()]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_of_80_columns_breaks_no_word() {
        let (wide, narrow) = (text(pins(), Paint::NEVER), text(pins(), Paint::NEVER.wide(80)));
        assert!(wide.lines().any(|line| line.chars().count() > 80), "{wide}");
        for line in narrow.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&narrow), words(&wide));
    }
}
