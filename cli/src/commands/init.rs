//! `kafnix init`

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, ensure};
use fs_err as fs;
use kafnix_generator::Problem;
use kafnix_generator::spec::{self, Address, Cidr};
use serde_json::{Map, Value, json};

use super::tell;
use crate::console::Console;
use crate::exit::Status;
use crate::input::{Input, SpecArg, Text};

/// Begin a spec: three hosts, and a JSON Schema beside it for editors
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    #[command(flatten)]
    spec: SpecArg,

    /// Name of the cluster
    #[arg(long, value_name = "NAME", default_value = "kafka")]
    name: String,

    /// A host with its address (repeatable) [default: kafka01 to kafka03 from 10.0.0.11]
    #[arg(long = "host", value_name = "NAME=ADDRESS")]
    hosts: Vec<Host>,
}

#[derive(Clone, Debug)]
struct Host {
    name: String,
    address: Address,
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, address) = text.split_once('=').ok_or("expected NAME=ADDRESS, like kafka01=10.0.0.11")?;
        Ok(Self { name: name.to_owned(), address: address.parse()? })
    }
}

const SCHEMA: &str = "cluster.schema.json";

pub(crate) fn run(opts: &Opts, console: &Console) -> Result<Status> {
    let path = &opts.spec.spec;
    let hosts = if opts.hosts.is_empty() { three_hosts()? } else { opts.hosts.clone() };
    let text = pretty(&written(&opts.name, &hosts))?;
    // What was asked for may be no cluster: two hosts with one address, say.
    let input = Input { spec: Text { path: path.clone(), bytes: text.clone().into_bytes() }, lock: None };
    let problems = input.check(&[]).problems;
    tell(&problems, &input, console);
    if problems.iter().any(Problem::is_error) {
        return Ok(Status::Problems);
    }
    let schema = path.with_file_name(SCHEMA);
    for file in [path, &schema] {
        ensure!(!file.exists(), "`{}` is there already, and init overwrites nothing", file.display());
    }
    create(&schema, &pretty(&spec::json_schema())?)?;
    create(path, &text)?;
    report(&[path.clone(), schema], console)?;
    Ok(Status::Good)
}

fn report(files: &[PathBuf], console: &Console) -> Result<()> {
    if console.is_json() {
        let files: Vec<_> = files.iter().map(|path| json!({ "path": path, "change": "added" })).collect();
        return console.json(&json!({ "files": files }));
    }
    let lines: String = files.iter().map(|path| format!("added {}\n", path.display())).collect();
    console.print(&lines)?;
    console.note("put your hosts into the spec, then run `kafnix generate`");
    Ok(())
}

fn three_hosts() -> Result<Vec<Host>> {
    let hosts = ["kafka01=10.0.0.11", "kafka02=10.0.0.12", "kafka03=10.0.0.13"];
    hosts.into_iter().map(|host| host.parse().map_err(anyhow::Error::msg)).collect()
}

/// A spec that says what a person would want to change first.
fn written(name: &str, hosts: &[Host]) -> Value {
    let machines: Map<String, Value> =
        hosts.iter().map(|host| (host.name.clone(), json!({ "address": host.address }))).collect();
    let mut clients: Vec<Cidr> = hosts.iter().filter_map(|host| around(host.address)).collect();
    clients.sort();
    clients.dedup();
    json!({
        "$schema": format!("./{SCHEMA}"),
        "name": name,
        "hosts": machines,
        "zookeeper": { "dataDir": "/data/zookeeper" },
        "kafka": {
            "logDirs": ["/data/kafka"],
            "listeners": { "PLAINTEXT": { "port": 9092, "from": clients } },
        },
    })
}

/// The network that a host's clients are likely in.
fn around(address: Address) -> Option<Cidr> {
    let bits = if address.0.is_ipv4() { 24 } else { 64 };
    format!("{address}/{bits}").parse().ok()
}

fn pretty(value: &Value) -> Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

/// Writes a file that is not there yet.
fn create(path: &Path, text: &str) -> Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write `{}`", path.display()))
}
