//! Who listens on a port of this machine, as far as this user may know.

use std::fs::read_link;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The number of the process that listens there, or on all addresses.
pub fn of(address: SocketAddr) -> Option<u32> {
    let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|path| fs_err::read_to_string(path).ok())
        .flat_map(|table| listening(&table, address))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    if inodes.is_empty() {
        return None;
    }
    let processes = fs_err::read_dir("/proc").ok()?.flatten();
    let mut numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers.find(|pid| {
        let Ok(files) = fs_err::read_dir(format!("/proc/{pid}/fd")) else { return false };
        let mut targets = files.flatten().filter_map(|file| read_link(file.path()).ok());
        targets.any(|target| inodes.iter().any(|inode| target.as_os_str() == inode.as_str()))
    })
}

/// The inodes of the sockets in one table that keep others from an address.
fn listening(table: &str, wanted: SocketAddr) -> Vec<u64> {
    const LISTEN: &str = "0A";
    let socket = |line: &str| {
        let fields: Vec<_> = line.split_ascii_whitespace().collect();
        let (ip, port) = fields.get(1)?.split_once(':')?;
        let ip = parse(ip)?;
        let clashes = ip == wanted.ip() || ip.is_unspecified();
        let is_there = clashes && u16::from_str_radix(port, 16) == Ok(wanted.port());
        (is_there && fields.get(3) == Some(&LISTEN)).then(|| fields.get(9)?.parse().ok())?
    };
    table.lines().skip(1).filter_map(socket).collect()
}

/// An address as the kernel writes it: words of four bytes in the order of this machine.
fn parse(hex: &str) -> Option<IpAddr> {
    let word = |at: usize| Some(u32::from_str_radix(hex.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    match hex.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(word(0)?))),
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?].concat();
            let bytes: [u8; 16] = words.try_into().ok()?;
            Some(Ipv6Addr::from(bytes).to_canonical())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_holder_of_a_port_is_found_on_its_address_and_on_all() {
        for bound in ["127.0.0.1:0", "0.0.0.0:0", "[::]:0"] {
            let Ok(listener) = TcpListener::bind(bound) else { continue };
            let port = listener.local_addr().unwrap().port();
            let holder = of(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
            assert_eq!(holder, Some(std::process::id()), "{bound}");
        }
    }

    #[test]
    fn nobody_holds_a_port_of_another_address() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(of(SocketAddr::from((Ipv4Addr::new(127, 0, 77, 1), port))), None);
    }
}
