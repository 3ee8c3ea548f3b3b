//! A release archive over HTTPS: begun where an earlier run stopped, and kept only if it has the
//! digest of the pin.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kafnix_generator::pins::Pin;
use sha2::{Digest, Sha256, Sha512};
use ureq::Agent;
use ureq::http::{Response, StatusCode, header};

use kafnix_operate::progress::Progress;

/// A mirror that sends nothing for so long is not waited for. A test waits for it to the end.
const SILENCE: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 30 });
const CONNECT: Duration = Duration::from_secs(10);

/// Fills `part` with the archive of a pin, from the first mirror that has it.
pub(super) fn archive(
    name: &str,
    pin: &Pin,
    mirrors: &[String],
    part: &Path,
    progress: &dyn Progress,
) -> Result<()> {
    if part.exists() && digest(part, &pin.hash)? == pin.hash {
        return Ok(());
    }
    let mut reasons = Vec::new();
    for mirror in mirrors {
        let download = Download { name, url: format!("{mirror}{}", pin.path), part, progress };
        progress.note(&format!("getting {name} from {}", download.url));
        match download.checked(&pin.hash) {
            Ok(()) => return Ok(()),
            Err(Fault::Ours(error)) => return Err(error),
            Err(Fault::Theirs(reason)) => reasons.push(format!("{}: {reason:#}", download.url)),
        }
    }
    bail!(
        "cannot download {name} ({}): try again, or name a folder that holds it with `--products`",
        reasons.join("; ")
    )
}

/// Whose fault it is that a download fails: another mirror helps against theirs only.
#[derive(Debug)]
enum Fault {
    Ours(anyhow::Error),
    Theirs(anyhow::Error),
}

struct Download<'a> {
    name: &'a str,
    url: String,
    part: &'a Path,
    progress: &'a dyn Progress,
}

impl Download<'_> {
    fn checked(&self, hash: &str) -> Result<(), Fault> {
        let mut is_resumed = size(self.part) > 0;
        loop {
            self.whole()?;
            let found = digest(self.part, hash).map_err(Fault::Ours)?;
            if found == hash {
                return Ok(());
            }
            fs_err::remove_file(self.part).map_err(|error| Fault::Ours(error.into()))?;
            if !is_resumed {
                return Err(Fault::Theirs(anyhow!(
                    "the archive is not the one that is pinned and was thrown away \
                     (its digest is {found}, that of the pin {hash})"
                )));
            }
            // The beginning may be what was wrong: it came from another run, or from another mirror.
            is_resumed = false;
        }
    }

    /// Goes on for as long as each try brings something.
    fn whole(&self) -> Result<(), Fault> {
        let agent = agent(&self.url);
        loop {
            let before = size(self.part);
            match self.more(&agent, before) {
                Err(Fault::Theirs(_)) if size(self.part) > before => {}
                ended => return ended,
            }
        }
    }

    fn more(&self, agent: &Agent, have: u64) -> Result<(), Fault> {
        let mut request = agent.get(&self.url);
        if have > 0 {
            request = request.header(header::RANGE, format!("bytes={have}-"));
        }
        let response = request.call().map_err(|error| Fault::Theirs(error.into()))?;
        if have > 0 && response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            // What is here is as long as the archive, or longer, and is not it.
            fs_err::remove_file(self.part).map_err(|error| Fault::Ours(error.into()))?;
            return self.more(agent, 0);
        }
        let begins_at = begins_at(&response).map_err(Fault::Theirs)?;
        if begins_at > have {
            return Err(Fault::Theirs(anyhow!("it sends another part than the one asked for")));
        }
        let length = response.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        self.receive(response, begins_at, length.map(|length| begins_at.saturating_add(length)))
    }

    fn receive(&self, response: Response<ureq::Body>, from: u64, total: Option<u64>) -> Result<(), Fault> {
        let ours = |error: std::io::Error| Fault::Ours(error.into());
        let file = fs_err::OpenOptions::new().create(true).truncate(false).write(true).open(self.part);
        let mut file = file.map_err(ours)?;
        file.set_len(from).map_err(ours)?;
        file.seek(SeekFrom::Start(from)).map_err(ours)?;
        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; 1 << 16];
        let mut done = from;
        loop {
            let read = body.read(&mut buffer).map_err(|error| Fault::Theirs(error.into()))?;
            let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            file.write_all(bytes).map_err(ours)?;
            done += u64::try_from(read).unwrap_or_default();
            self.progress.bytes(self.name, done, total.filter(|total| *total >= done));
        }
        if total.is_some_and(|total| done < total) {
            return Err(Fault::Theirs(anyhow!("it ended after {done} bytes")));
        }
        self.progress.bytes(self.name, done, Some(done));
        file.sync_all().map_err(ours)
    }
}

/// HTTPS only, but for a mirror that is written without.
fn agent(url: &str) -> Agent {
    let config = Agent::config_builder()
        .https_only(!url.starts_with("http:"))
        .http_status_as_error(false)
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_send_request(Some(CONNECT))
        .timeout_recv_response(Some(SILENCE))
        .timeout_per_read(Some(SILENCE))
        .user_agent(concat!("kafnix/", env!("CARGO_PKG_VERSION")));
    config.build().new_agent()
}

/// Where in the archive the body of a response stands.
fn begins_at(response: &Response<ureq::Body>) -> Result<u64> {
    match response.status() {
        StatusCode::OK => Ok(0),
        StatusCode::PARTIAL_CONTENT => {
            let range = response.headers().get(header::CONTENT_RANGE).and_then(|range| range.to_str().ok());
            let start = range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok());
            start.context("it sends a part without saying which")
        }
        status => bail!("it answers with HTTP status {}", status.as_u16()),
    }
}

fn size(path: &Path) -> u64 {
    path.metadata().map(|metadata| metadata.len()).unwrap_or_default()
}

/// The digest of a file, made and written as a pin's is.
fn digest(path: &Path, like: &str) -> Result<String> {
    match like.split_once('-') {
        Some(("sha512", _)) => hashed::<Sha512>("sha512", path),
        Some(("sha256", _)) => hashed::<Sha256>("sha256", path),
        _ => bail!("kafnix cannot check the digest `{like}` of a pin: please report it"),
    }
}

/// The digest of a file in the form of Subresource Integrity.
pub(crate) fn hashed<D: Digest>(name: &str, path: &Path) -> Result<String> {
    let mut file = fs_err::File::open(path)?;
    let mut hasher = D::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hasher.update(bytes);
    }
    Ok(format!("{name}-{}", BASE64_STANDARD.encode(hasher.finalize())))
}
