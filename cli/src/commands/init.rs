//! `kafnix init`

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use fs_err as fs;
use kafnix_generator::Problem;
use kafnix_generator::spec::{self, Address, Cidr};
use serde_json::{Value, json};

use super::refuse;
use crate::console::Console;
use crate::exit::Status;
use crate::input::{Input, SpecArg, Text};

/// Create a spec: three hosts, and a JSON Schema beside it for editors
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    #[command(flatten)]
    spec: SpecArg,

    /// Name of the cluster
    #[arg(long, value_name = "NAME", default_value = "kafka")]
    name: String,

    /// A host with its address (repeatable), by its full name where it has a domain [default: kafka01 to kafka03
    /// from 10.0.0.11]
    #[arg(long = "host", value_name = "NAME=ADDRESS")]
    hosts: Vec<Host>,
}

#[derive(Clone, Debug)]
struct Host {
    name: String,
    domain: Option<String>,
    address: Address,
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, address) = text.split_once('=').ok_or("expected NAME=ADDRESS, like kafka01=10.0.0.11")?;
        let (name, domain) = match name.split_once('.') {
            Some((name, domain)) => (name, Some(domain.to_owned())),
            None => (name, None),
        };
        Ok(Self { name: name.to_owned(), domain, address: address.parse()? })
    }
}

const SCHEMA: &str = "cluster.schema.json";

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let path = &opts.spec.spec;
    let hosts = if opts.hosts.is_empty() { three_hosts()? } else { opts.hosts.clone() };
    let text = spec_text(&opts.name, &hosts);
    // What was asked for may be no cluster: two hosts with one address, say.
    let input = Input { spec: Text { path: path.clone(), bytes: text.clone().into_bytes() }, lock: None };
    let problems = input.check(&[]).problems;
    if problems.iter().any(Problem::is_error) {
        refuse(problems, &input, console)?;
        return Ok(Status::Problems);
    }
    let schema = (path.with_file_name(SCHEMA), serde_json::to_string_pretty(&spec::json_schema())? + "\n");
    let there = there(&schema.0, &schema.1);
    let in_the_way = [(path, path.exists()), (&schema.0, there == There::Foreign)];
    if let Some((path, _)) = in_the_way.into_iter().find(|(_, is_in_the_way)| *is_in_the_way) {
        bail!("`{}` is there already, and init overwrites nothing", path.display());
    }
    let mut done = Vec::new();
    match there {
        There::Nothing => {
            create(&schema.0, &schema.1)?;
            done.push((schema.0, "added"));
        }
        There::Older => {
            fs::write(&schema.0, &schema.1)?;
            done.push((schema.0, "changed"));
        }
        There::Same | There::Foreign => {}
    }
    // The spec itself comes last, as the one that counts.
    create(path, &text)?;
    done.push((path.clone(), "added"));
    report(done, console)?;
    Ok(Status::Good)
}

/// What is found where the schema goes. The specs of one folder share it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum There {
    Nothing,
    Same,
    /// The schema of another kafnix.
    Older,
    Foreign,
}

fn there(path: &Path, schema: &str) -> There {
    let Ok(metadata) = fs::symlink_metadata(path) else { return There::Nothing };
    // What is no file is not opened: a pipe would wait for ever.
    let bytes = if path.is_file() { fs::read(path).unwrap_or_default() } else { Vec::new() };
    let title = |bytes: &[u8]| Some(serde_json::from_slice::<Value>(bytes).ok()?.get("title")?.clone());
    match title(&bytes) {
        _ if bytes == schema.as_bytes() => There::Same,
        Some(found) if metadata.is_file() && Some(&found) == title(schema.as_bytes()).as_ref() => {
            There::Older
        }
        _ => There::Foreign,
    }
}

fn report(mut files: Vec<(PathBuf, &str)>, console: &Console) -> Result<()> {
    files.sort();
    if console.is_json() {
        let files: Vec<_> = files
            .iter()
            .map(|(path, change)| json!({ "path": path.display().to_string(), "change": change }))
            .collect();
        return console.json(&json!({ "files": files }));
    }
    let lines: Vec<_> = files.iter().map(|(path, change)| format!("{change} {}", path.display())).collect();
    console.print(&(lines.join("\n") + "\n"))?;
    console.note("put your hosts into the spec, then run `kafnix generate`");
    Ok(())
}

fn three_hosts() -> Result<Vec<Host>> {
    let hosts = ["kafka01=10.0.0.11", "kafka02=10.0.0.12", "kafka03=10.0.0.13"];
    hosts.into_iter().map(|host| host.parse().map_err(anyhow::Error::msg)).collect()
}

/// A spec that says what a person would want to change first, laid out as a person would.
fn spec_text(name: &str, hosts: &[Host]) -> String {
    // One that all have stands once.
    let shared = hosts.first().and_then(|host| host.domain.as_ref());
    let shared = shared.filter(|shared| hosts.iter().all(|host| host.domain.as_ref() == Some(shared)));
    let own = |host: &Host| host.domain.as_ref().filter(|_| shared.is_none()).map(|domain| quoted(domain));
    let domain = shared.map(|domain| format!("\n  \"domain\": {},", quoted(domain))).unwrap_or_default();
    let machine = |host: &Host| {
        let domain = own(host).map(|domain| format!("\"domain\": {domain}, ")).unwrap_or_default();
        format!("    {}: {{ {domain}\"address\": \"{}\" }}", quoted(&host.name), host.address)
    };
    let machines: Vec<_> = hosts.iter().map(machine).collect();
    let mut clients: Vec<_> = hosts.iter().filter_map(|host| around(host.address)).collect();
    clients.sort();
    clients.dedup();
    let clients: Vec<_> = clients.iter().map(|network| quoted(&network.to_string())).collect();
    format!(
        r#"{{
  "$schema": "./{SCHEMA}",
  "name": {},{domain}
  "hosts": {{
{}
  }},
  "disks": {{
    "/data/zookeeper": {{ "label": "zookeeper" }},
    "/data/kafka": {{ "label": "kafka" }}
  }},
  "zookeeper": {{ "dataDir": "/data/zookeeper/data" }},
  "kafka": {{
    "logDirs": ["/data/kafka/logs"],
    "listeners": {{ "PLAINTEXT": {{ "port": 9092, "from": [{}] }} }}
  }}
}}
"#,
        quoted(name),
        machines.join(",\n"),
        clients.join(", ")
    )
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The network that a host's clients are likely in.
fn around(address: Address) -> Option<Cidr> {
    let bits = if address.0.is_ipv4() { 24 } else { 64 };
    Cidr::around(address, bits)
}

/// Writes a file that is not there yet.
fn create(path: &Path, text: &str) -> Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write `{}`", path.display()))
}
