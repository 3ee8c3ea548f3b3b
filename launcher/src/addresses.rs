//! Waits until this host has the addresses that its server binds to. Without them a server ends at once:
//! a network card may be late, and IPv6 lets nobody bind to an address while it looks for duplicates.

use std::fmt::Display;
use std::net::{IpAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::time::sleep;

use crate::exit::try_again;
use crate::notify::{Phase, StatusReporter};

/// Duplicate address detection takes a second or two, DHCP a few. What takes longer may have no end.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);

/// Of a member of the ensemble, where none is written.
pub const CLIENT_PORT: u16 = 2181;

/// `host:port`; an IPv6 address stands in brackets, whether it is given with them or not.
pub fn join(host: &str, port: impl Display) -> String {
    let bare = host.contains(':') && !host.starts_with('[');
    if bare { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Where this host reaches what listens at `host`: what listens at every address does so at the loopback one, too.
pub fn from_here(host: &str) -> &str {
    match host {
        "" | "0.0.0.0" => "127.0.0.1",
        "::" | "[::]" => "::1",
        host => host,
    }
}

/// The addresses among these hosts. A name is left to the server.
pub fn of<'a>(hosts: impl IntoIterator<Item = &'a str>) -> Vec<IpAddr> {
    hosts.into_iter().filter_map(|host| host.trim_matches(['[', ']']).parse().ok()).collect()
}

pub async fn wait_until_here(addresses: &[IpAddr], reporter: &StatusReporter) -> Result<()> {
    wait(addresses, PATIENCE, reporter).await
}

async fn wait(addresses: &[IpAddr], patience: Duration, reporter: &StatusReporter) -> Result<()> {
    let start = Instant::now();
    while let Some(missing) = addresses.iter().find(|address| !is_here(**address)) {
        if start.elapsed() >= patience {
            return Err(try_again(format!(
                "this host has not had the address {missing} for {} s: give it to a network card, or correct it in \
                 the spec; `ip address` shows those that the host has, and an IPv6 address that another host holds, \
                 too, as `dadfailed`",
                patience.as_secs()
            )));
        }
        let status = format!(
            "waiting for the address {missing}: this host does not have it, or looks for duplicates of it"
        );
        reporter.say(Phase::Waiting, status);
        sleep(PAUSE).await;
    }
    Ok(())
}

/// Whether a server could bind to it, by the kernel's own word: no packet is sent, and nothing listens.
fn is_here(address: IpAddr) -> bool {
    let bound = UdpSocket::bind((address, 0));
    !bound.is_err_and(|error| error.kind() == std::io::ErrorKind::AddrNotAvailable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    // RFC 5737 and RFC 3849: no host has these
    const NOWHERE: [&str; 2] = ["192.0.2.1", "[2001:db8::1]"];

    #[test]
    fn names_are_no_addresses() {
        let found = of(["127.0.0.1", "kafka01", "[::1]", "fd00::1"]);
        assert_eq!(
            found.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["127.0.0.1", "::1", "fd00::1"]
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_the_host_has_is_not_waited_for() {
        let reporter = StatusReporter::new(None);
        wait(&of(["127.0.0.1", "0.0.0.0"]), Duration::ZERO, &reporter).await.unwrap();
        wait(&[], Duration::ZERO, &reporter).await.unwrap();
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_wait_ends_and_names_the_address() {
        for nowhere in of(NOWHERE) {
            let reporter = StatusReporter::new(None);
            let error = wait(&[nowhere], Duration::from_millis(200), &reporter).await.unwrap_err();
            assert!(error.to_string().contains(&format!("the address {nowhere} ")), "{error}");
            assert_eq!(error.downcast_ref::<Exit>().map(|ended| ended.status), Some(75));
        }
    }
}
