//! The release archives, from a small server on loopback that behaves as badly as a test wants.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use kafnix_generator::pins::Pin;
use sha2::{Digest as _, Sha512};

use super::*;
use kafnix_operate::progress::Silent;

/// How a mirror answers a request, given the byte that the request begins at.
type Answer = Box<dyn Fn(u64) -> Vec<u8> + Send>;

/// A server that answers each request by the next of `answers`, and the last for ever.
struct Mirror {
    url: String,
    asked: Arc<Mutex<Vec<u64>>>,
}

impl Mirror {
    fn with(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if stream.read(&mut byte).unwrap_or(0) == 0 {
                        break;
                    }
                    head.push(byte[0]);
                }
                let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
                let range =
                    head.lines().find_map(|line| line.strip_prefix("range: bytes=")?.strip_suffix('-'));
                let from = range.map_or(0, |from| from.parse().unwrap());
                let number = log.lock().unwrap().len().min(answers.len() - 1);
                log.lock().unwrap().push(from);
                let _ = stream.write_all(&answers[number](from));
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<u64> {
        self.asked.lock().unwrap().clone()
    }
}

fn status(status: &'static str) -> Answer {
    Box::new(move |_| format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into())
}

/// All of the archive from where the request begins, but for what is left out at the end.
fn sends(archive: &[u8], left_out: usize) -> Answer {
    let archive = archive.to_vec();
    Box::new(move |from| {
        let start = usize::try_from(from).unwrap();
        if start >= archive.len() {
            return status("416 Range Not Satisfiable")(from);
        }
        let body = &archive[start..];
        let first = match start {
            0 => "HTTP/1.1 200 OK".to_owned(),
            _ => format!(
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {start}-{}/{}",
                archive.len() - 1,
                archive.len()
            ),
        };
        let head = format!("{first}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        [head.as_bytes(), &body[..body.len() - left_out.min(body.len())]].concat()
    })
}

fn tar_gz(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        // The library refuses to write some of the paths that a test reads.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, *content).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// Bytes that do not compress, so that an archive has a length worth cutting.
fn noise() -> Vec<u8> {
    (0..20_000_u32).flat_map(|number| Sha512::digest(number.to_le_bytes())[..4].to_vec()).collect()
}

fn release() -> Vec<u8> {
    tar_gz(&[("kafka_2.13-3.9.2/libs/kafka.jar", &noise()), ("kafka_2.13-3.9.2/LICENSE", b"free")])
}

fn pin(archive: &[u8]) -> Pin {
    let text = format!(
        r#"{{ "path": "a.tgz", "hash": "sha512-{}", "vouchedBy": 2, "jdks": ["17"],
              "endOfLife": null, "vulnerabilities": [] }}"#,
        BASE64_STANDARD.encode(Sha512::digest(archive))
    );
    serde_json::from_str(&text).unwrap()
}

struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn part(&self) -> PathBuf {
        self.folder.path().join("part")
    }

    fn download(&self, archive: &[u8], mirrors: &[&Mirror]) -> Result<()> {
        let mirrors: Vec<_> = mirrors.iter().map(|mirror| mirror.url.clone()).collect();
        download::archive("kafka-3.9.2", &pin(archive), &mirrors, &self.part(), &Silent)
    }
}

/// Takes the request and never answers it, nor the next one.
fn hangs() -> Answer {
    Box::new(|_| {
        loop {
            std::thread::park();
        }
    })
}

#[test]
fn a_mirror_that_falls_silent_is_not_waited_for() {
    let archive = release();
    let half = sends(&archive, archive.len() / 2);
    for answers in [vec![hangs()], vec![half, hangs()]] {
        let case = Case::new();
        let (silent, good) = (Mirror::with(answers), Mirror::with(vec![sends(&archive, 0)]));
        case.download(&archive, &[&silent, &good]).unwrap();
        assert_eq!(good.asked().len(), 1);
    }
    let (case, silent) = (Case::new(), Mirror::with(vec![hangs()]));
    let error = case.download(&archive, &[&silent]).unwrap_err().to_string();
    assert!(error.contains("timeout") && error.contains("try again"), "{error}");
}

#[test]
fn a_mirror_that_falls_silent_within_the_archive_is_not_waited_for() {
    let archive = release();
    let (case, half) = (Case::new(), archive.len() / 2);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", archive.len());
    let sent = [head.as_bytes(), &archive[..half]].concat();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    // It keeps the connection, and takes no other, until the test's process ends.
    std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        stream.write_all(&sent).unwrap();
        loop {
            std::thread::park();
        }
    });
    let good = Mirror::with(vec![sends(&archive, 0)]);
    let mirrors = [url, good.url.clone()];
    download::archive("kafka-3.9.2", &pin(&archive), &mirrors, &case.part(), &Silent).unwrap();
    assert_eq!(good.asked(), [half as u64], "the second goes on where the first fell silent");
}

#[test]
fn an_archive_is_downloaded_checked_and_unpacked_without_its_top_folder() {
    let (case, archive) = (Case::new(), release());
    let mirror = Mirror::with(vec![sends(&archive, 0)]);
    case.download(&archive, &[&mirror]).unwrap();
    let to = case.folder.path().join("kafka-3.9.2");
    unpack::unpack(&case.part(), &to).unwrap();
    assert_eq!(fs_err::read(to.join("libs/kafka.jar")).unwrap(), noise());
    assert_eq!(fs_err::read(to.join("LICENSE")).unwrap(), b"free");
    // What is complete is not asked for again.
    case.download(&archive, &[&mirror]).unwrap();
    assert_eq!(mirror.asked(), [0]);
}

#[test]
fn a_download_goes_on_where_it_was_cut() {
    let (case, archive) = (Case::new(), release());
    let mirror = Mirror::with(vec![sends(&archive, 10_000), sends(&archive, 0)]);
    case.download(&archive, &[&mirror]).unwrap();
    let cut = u64::try_from(archive.len() - 10_000).unwrap();
    assert_eq!(mirror.asked(), [0, cut]);
}

#[test]
fn what_an_earlier_run_left_is_gone_on_with() {
    let (case, archive) = (Case::new(), release());
    fs_err::write(case.part(), &archive[..1000]).unwrap();
    let mirror = Mirror::with(vec![sends(&archive, 0)]);
    case.download(&archive, &[&mirror]).unwrap();
    assert_eq!(mirror.asked(), [1000]);
}

#[test]
fn what_an_earlier_run_left_is_begun_anew_where_it_was_wrong() {
    let (case, archive) = (Case::new(), release());
    for wrong in [vec![0; 1000], vec![0; archive.len()], vec![0; archive.len() + 5]] {
        fs_err::write(case.part(), wrong).unwrap();
        let mirror = Mirror::with(vec![sends(&archive, 0)]);
        case.download(&archive, &[&mirror]).unwrap();
        assert_eq!(mirror.asked().last(), Some(&0));
    }
}

#[test]
fn a_mirror_that_has_moved_on_is_passed_over() {
    let (case, archive) = (Case::new(), release());
    let (gone, good) = (Mirror::with(vec![status("404 Not Found")]), Mirror::with(vec![sends(&archive, 0)]));
    case.download(&archive, &[&gone, &good]).unwrap();
}

#[test]
fn a_wrong_archive_is_an_error_that_leaves_nothing() {
    let (case, archive) = (Case::new(), release());
    let wrong = tar_gz(&[("kafka/libs/kafka.jar", b"other")]);
    let (gone, bad) = (Mirror::with(vec![status("404 Not Found")]), Mirror::with(vec![sends(&wrong, 0)]));
    let error = case.download(&archive, &[&gone, &bad]).unwrap_err().to_string();
    assert!(error.contains("HTTP status 404") && error.contains("not the one that is pinned"), "{error}");
    assert!(!case.part().exists());
    assert_eq!(bad.asked(), [0]);
}

#[test]
fn a_mirror_that_always_ends_early_is_given_up() {
    let (case, archive) = (Case::new(), release());
    let all = archive.len();
    let mirror = Mirror::with(vec![sends(&archive, 10_000), sends(&archive, all)]);
    let error = case.download(&archive, &[&mirror]).unwrap_err().to_string();
    assert!(error.contains(&mirror.url), "{error}");
    // The next run goes on from here.
    assert_eq!(case.part().metadata().unwrap().len(), u64::try_from(all - 10_000).unwrap());
}

#[test]
fn an_entry_that_leads_out_of_the_folder_is_refused() {
    let case = Case::new();
    let folder = case.folder.path();
    for path in ["kafka/../../out", "/out", "../out"] {
        fs_err::write(case.part(), tar_gz(&[(path, b"x")])).unwrap();
        let error = unpack::unpack(&case.part(), &folder.join("to")).unwrap_err().to_string();
        assert!(error.contains("leads out"), "{error}");
        let left: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["part"], "{path}");
    }
}

#[test]
fn a_folder_that_was_being_unpacked_is_begun_anew() {
    let case = Case::new();
    let to = case.folder.path().join("to");
    fs_err::create_dir_all(case.folder.path().join(".to.unpacking/libs/half")).unwrap();
    fs_err::write(case.part(), release()).unwrap();
    unpack::unpack(&case.part(), &to).unwrap();
    assert!(to.join("libs/kafka.jar").exists() && !to.join("libs/half").exists());
    // An archive that ends in the middle makes no folder.
    fs_err::write(case.part(), &release()[..5000]).unwrap();
    let other = case.folder.path().join("other");
    unpack::unpack(&case.part(), &other).unwrap_err();
    assert!(!other.exists());
}

#[test]
fn a_folder_that_lacks_a_release_is_named_with_the_way_to_fill_it() {
    let folder = tempfile::tempdir().unwrap();
    let release = Release { product: Product::Kafka, version: Version([3, 9, 2]) };
    let sources = Sources { products: Some(folder.path()), flake: None, cache: folder.path(), mirrors: None };
    let error = sources.find(&[release], &Silent).unwrap_err().to_string();
    assert!(error.contains("kafka-3.9.2/libs") && error.contains("tests/products"), "{error}");
    fs_err::create_dir_all(folder.path().join("kafka-3.9.2/libs")).unwrap();
    sources.find(&[release], &Silent).unwrap_err();
    fs_err::write(folder.path().join("kafka-3.9.2/libs/kafka.jar"), "").unwrap();
    assert_eq!(sources.find(&[release], &Silent).unwrap(), [folder.path().join("kafka-3.9.2")]);
}

#[test]
fn two_at_once_get_one_release_and_ask_for_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let release = Release { product: Product::Kafka, version: Version([3, 9, 2]) };
    // What the mirror has is not what is pinned, so both end with an error, one after the other.
    let mirror = Mirror::with(vec![sends(&self::release(), 0)]);
    let mirrors = [mirror.url.clone()];
    let get = || {
        let sources = Sources { products: None, flake: None, cache: folder.path(), mirrors: Some(&mirrors) };
        sources.find(&[release], &Silent).unwrap_err().to_string()
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(get);
        assert!(get().contains("not the one that is pinned"));
        assert!(other.join().unwrap().contains("not the one that is pinned"));
    });
    assert_eq!(mirror.asked(), [0, 0]);
    let kept = folder.path().join("products/kafka-3.9.2");
    fs_err::create_dir_all(kept.join("libs")).unwrap();
    fs_err::write(kept.join("libs/kafka.jar"), "").unwrap();
    let sources = Sources { products: None, flake: None, cache: folder.path(), mirrors: Some(&mirrors) };
    assert_eq!(sources.find(&[release], &Silent).unwrap(), [kept]);
    assert_eq!(mirror.asked(), [0, 0]);
}
