//! What the launcher knows of its server: from the command line and from the server's own zoo.cfg.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::Result;
use kafnix_protocol::directories::JOINED;

use crate::addresses;
use crate::options;
use crate::ownership::{Owner, Role};
use crate::properties::Properties;

pub struct Server {
    pub owner: Owner,
    pub data: PathBuf,
    /// Where the transaction logs lie, if not with the rest.
    pub log: Option<PathBuf>,
    /// Where this host's clients find it.
    pub address: String,
    /// The addresses that it binds to.
    pub bound: Vec<IpAddr>,
    /// Where the other voting members are found.
    pub peers: Vec<String>,
    /// Whether it votes itself.
    pub votes: bool,
    /// What this host remembers of the server, not on the data's disks.
    pub memory: PathBuf,
}

impl Server {
    pub fn read(options: &options::ZooKeeper) -> Result<Self> {
        let properties = Properties::read(Path::new(&options.jvm.config))?;
        let data = PathBuf::from(properties.require("dataDir")?);
        let log = properties.get("dataLogDir").map(PathBuf::from).filter(|log| *log != data);
        let port = properties.number("clientPort")?;
        let host = properties.get("clientPortAddress").unwrap_or("127.0.0.1");
        let address = addresses::join(addresses::from_here(host), port);
        let lines = members(&properties);
        let own = format!("server.{}", options.id);
        let own = lines.iter().find(|member| member.key == own);
        let observes = |host: &str| lines.iter().any(|member| member.observer && member.host == host);
        let is_own = |member: &str| {
            member == address || own.is_some_and(|own| own.host == host_of(member) && port_of(member) == port)
        };
        let bound = bound(&properties, options.id);
        let peers = options.ensemble.iter().filter(|peer| !is_own(peer) && !observes(host_of(peer)));
        let peers = peers.cloned().collect();
        let votes = properties.get("peerType") != Some("observer") && !own.is_some_and(|own| own.observer);
        let owner = Owner { cluster: options.cluster.clone(), role: Role::ZooKeeper, id: options.id };
        Ok(Self { owner, data, log, address, bound, peers, votes, memory: options.memory.join(JOINED) })
    }

    /// The directory of the snapshots, and that of the logs if it is another.
    pub fn directories(&self) -> Vec<&Path> {
        std::iter::once(&self.data).chain(&self.log).map(PathBuf::as_path).collect()
    }

    /// The number of voting members.
    pub fn voters(&self) -> usize {
        self.peers.len() + usize::from(self.votes)
    }
}

/// For clients, and for the other members unless it listens to them on every address. A member may have
/// several addresses, with `|` between them.
fn bound(properties: &Properties, id: i64) -> Vec<IpAddr> {
    let for_clients = ["clientPortAddress", "secureClientPortAddress"];
    let everywhere = properties.get("quorumListenOnAllIPs").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let line = properties.get(&format!("server.{id}")).filter(|_| !everywhere);
    let places = line.into_iter().flat_map(|line| line.split(';').next().unwrap_or(line).split('|'));
    let for_members = places.filter_map(host_of_place);
    addresses::of(for_clients.iter().filter_map(|key| properties.get(key)).chain(for_members))
}

/// The host of HOST:PEER:ELECTION.
fn host_of_place(place: &str) -> Option<&str> {
    let end = if place.starts_with('[') { place.find(']')? + 1 } else { place.find(':')? };
    place.get(..end)
}

/// A line `server.N=HOST:PEER:ELECTION[:ROLE][;CLIENT]`.
struct Member {
    key: String,
    host: String,
    observer: bool,
}

fn members(properties: &Properties) -> Vec<Member> {
    let keys = properties.keys().filter(|key| key.starts_with("server."));
    let member = |key: &str| {
        let line = properties.get(key)?.split(';').next()?;
        let host = host_of_place(line)?.to_owned();
        Some(Member { key: key.to_owned(), host, observer: line.ends_with(":observer") })
    };
    keys.filter_map(member).collect()
}

fn host_of(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(host, _)| host)
}

fn port_of(address: &str) -> i64 {
    address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(addresses::CLIENT_PORT.into())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::options::{Command, Options};

    fn server(id: i64, ensemble: &str, config: &str) -> Server {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), config).unwrap();
        let line = format!(
            "kafnix-launch zookeeper --cluster c --id {id} --release 3.9.5 --state new --ensemble {ensemble} \
             --config {} --memory /m --install /i --java java --jdk 17 --heap 1g --runtime /r",
            file.path().display()
        );
        let options = Options::try_parse_from(line.split_whitespace()).unwrap();
        let Command::Run(options::Server::ZooKeeper(options)) = options.command else { panic!() };
        Server::read(&options).unwrap()
    }

    #[test]
    fn its_peers_are_the_other_voting_members() {
        let config = "dataDir=/d\nclientPort=2181\nclientPortAddress=fd00::1\nserver.1=[fd00::1]:2888:3888\n\
            server.2=[fd00::2]:2888:3888;2181\nserver.3=[fd00::3]:2888:3888:observer\n";
        let ensemble = "[fd00::1]:2181,[fd00::2]:2181,[fd00::3]:2181";
        let first = server(1, ensemble, config);
        assert_eq!((first.address.as_str(), first.votes, first.voters()), ("[fd00::1]:2181", true, 2));
        assert_eq!(first.peers, ["[fd00::2]:2181"]);
        let third = server(3, ensemble, &config.replace("=fd00::1\n", "=fd00::3\n"));
        assert_eq!((third.votes, third.voters(), third.peers.len()), (false, 2, 2));
    }

    #[test]
    fn one_that_binds_every_address_is_asked_here_and_is_none_of_its_peers() {
        for (every, here, peer) in
            [("0.0.0.0", "127.0.0.1:2181", "10.0.0."), ("::", "[::1]:2181", "[fd00::]")]
        {
            let [own, other] = [1, 2].map(|last| match peer.strip_suffix(']') {
                Some(open) => format!("{open}{last}]"),
                None => format!("{peer}{last}"),
            });
            let config = format!(
                "dataDir=/d\nclientPort=2181\nclientPortAddress={every}\nquorumListenOnAllIPs=true\n\
                 server.1={own}:2888:3888\nserver.2={other}:2888:3888\n"
            );
            let server = server(1, &format!("{own}:2181,{other}:2181"), &config);
            assert_eq!((server.address.as_str(), server.voters()), (here, 2));
            assert_eq!(server.peers, [format!("{other}:2181")]);
            assert_eq!(server.bound, [every.parse::<IpAddr>().unwrap()]);
        }
    }

    #[test]
    fn what_it_binds_to_is_read_from_its_own_lines() {
        let config = "dataDir=/d\nclientPort=2181\nclientPortAddress=fd00::1\n\
            server.1=[fd00::1]:2888:3888|10.0.0.1:2888:3888;2181\nserver.2=10.0.0.2:2888:3888\n";
        let bound = |config: &str| {
            let bound = server(1, "[fd00::1]:2181,10.0.0.2:2181", config).bound;
            bound.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(bound(config), ["fd00::1", "fd00::1", "10.0.0.1"]);
        assert_eq!(bound(&format!("{config}quorumListenOnAllIPs=true\n")), ["fd00::1"]);
        assert_eq!(bound(&format!("{config}secureClientPortAddress=10.0.0.3\n"))[1], "10.0.0.3");
        assert!(bound("dataDir=/d\nclientPort=2181\nserver.1=kafka01:2888:3888\n").is_empty());
    }

    #[test]
    fn one_directory_that_is_named_twice_is_one() {
        let config = "dataDir=/d\ndataLogDir=/d\nclientPort=2181\n";
        assert_eq!(server(1, "127.0.0.1:2181", config).directories().len(), 1);
        let config = "dataDir=/d\ndataLogDir=/l\nclientPort=2181\n";
        assert_eq!(server(1, "127.0.0.1:2181", config).directories().len(), 2);
    }
}
