//! Class-data archives, with which a server starts sooner: which are here, and which are to be made. The
//! launcher makes each once for a release and a JRE, before the first cluster starts. A server starts without
//! one just as well.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use kafnix_generator::role::Role;
use sha2::{Digest as _, Sha256};

use super::plan::{Planned, Runtime, check_path};
use crate::exclusive::Exclusive;
use crate::products::{Release, hashed};
use kafnix_operate::progress::Progress;

/// Where the archive of each planned server is, or would be.
pub struct Archives<'a> {
    pub cache: &'a Path,
    pub launcher: &'a [String],
}

impl Archives<'_> {
    /// Gives each server that is to start the archive of its release, which is made where it is missing.
    pub fn give(&self, planned: &mut [Planned], starts: &[usize], progress: &dyn Progress) {
        let folder = self.cache.join("archives");
        if check_path(&folder).is_err() {
            return;
        }
        // Servers of other releases or JREs are trained apart.
        let mut missing: BTreeMap<PathBuf, &Planned> = BTreeMap::new();
        let mut whole: BTreeMap<PathBuf, bool> = BTreeMap::new();
        for planned in starts.iter().map(|index| &planned[*index]) {
            let Some(path) = path(&folder, planned) else { continue };
            let is_whole = *whole.entry(path.clone()).or_insert_with(|| is_whole(&path));
            if !is_whole && !refusal(&path).is_file() {
                missing.entry(path).or_insert(planned);
            }
        }
        let made: Vec<_> = missing.keys().cloned().collect();
        if let Err(error) = self.make(&folder, &missing, planned, progress) {
            progress.note(&format!("servers start without class-data archives: {error:#}"));
            for path in &made {
                // Once is enough for what will not work the next time either.
                let _ = fs_err::create_dir_all(path);
                let _ = fs_err::write(refusal(path), format!("{error:#}\n"));
            }
        }
        whole.extend(made.into_iter().map(|path| (path.clone(), is_whole(&path))));
        for index in starts {
            let path = path(&folder, &planned[*index]).filter(|path| whole.get(path) == Some(&true));
            planned[*index].plan.archive = path;
        }
    }

    fn make(
        &self,
        folder: &Path,
        missing: &BTreeMap<PathBuf, &Planned>,
        all: &[Planned],
        progress: &dyn Progress,
    ) -> Result<()> {
        if missing.is_empty() {
            return Ok(());
        }
        fs_err::create_dir_all(folder)?;
        let lock = Exclusive::take(&folder.join(".lock"), "makes class-data archives", progress)?;
        remove_left(folder)?;
        let done = missing.iter().enumerate().try_for_each(|(index, (path, planned))| {
            if is_complete(path) {
                return Ok(());
            }
            let Runtime { release, java, .. } = &planned.runtime;
            progress.note(&format!(
                "making a class-data archive, with which servers start sooner, once for {release} and Java {} ({} of \
                 {})",
                java.version,
                index + 1,
                missing.len()
            ));
            self.train(folder, path, planned, all, progress)
        });
        drop(lock);
        done
    }

    /// Lets the launcher make an archive, which starts and ends the servers that it needs.
    fn train(
        &self,
        folder: &Path,
        path: &Path,
        planned: &Planned,
        all: &[Planned],
        progress: &dyn Progress,
    ) -> Result<()> {
        let scratch = tempfile::Builder::new().prefix(SCRATCH).tempdir_in(folder)?;
        let log = scratch.path().join("log");
        let output = fs_err::File::create(&log)?.into_file();
        let (program, words) = self.launcher.split_first().context("no launcher is given")?;
        let mut command = Command::new(program);
        // As a launcher's child it ends with this process, whatever ends that.
        command.args(words).args(["child", &std::process::id().to_string(), "--", program]);
        command.args(words).arg("class-data").arg(path);
        let Runtime { java, .. } = &planned.runtime;
        command.arg("--java").arg(&java.program).arg(format!("--jdk={}", java.major));
        if planned.server.role == Role::Broker {
            let beside = all.iter().find(|other| {
                other.server.role == Role::ZooKeeper && other.runtime.java == planned.runtime.java
            });
            command.arg(installed(beside.context("no ZooKeeper has its JRE")?));
        }
        command.arg(installed(planned)).current_dir(scratch.path());
        let child = command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn();
        let child = child.with_context(|| format!("cannot start `{program}`"))?;
        let status = wait(child, planned.runtime.release, progress)?;
        let said = fs_err::read_to_string(&log).unwrap_or_default();
        let last = said.lines().last().map(super::logs::plain).unwrap_or_default();
        ensure!(status.success(), "{last}");
        fs_err::write(digest_file(path), digest(path)?)?;
        Ok(())
    }
}

/// Says from time to time for how long it has waited.
fn wait(mut child: Child, release: Release, progress: &dyn Progress) -> Result<ExitStatus> {
    const POLL: Duration = Duration::from_millis(20);
    const REMIND: u64 = 5;
    let (begun, name) = (Instant::now(), format!("archive of {release}"));
    loop {
        let status = child.try_wait()?;
        let steps = begun.elapsed().as_secs() / REMIND * REMIND;
        let text = match status {
            Some(_) => format!("ended after {:.1} s", begun.elapsed().as_secs_f32()),
            None if steps == 0 => "servers start for a moment, to see which classes they load".to_owned(),
            None => format!("for {steps} s"),
        };
        progress.server(&name, &text, status.is_some());
        if let Some(status) = status {
            return Ok(status);
        }
        std::thread::sleep(POLL);
    }
}

/// A release and its folder, as the launcher takes them.
fn installed(planned: &Planned) -> String {
    let Runtime { release, folder, .. } = &planned.runtime;
    format!("--{}={}={}", release.product.key(), release.version, folder.display())
}

const SCRATCH: &str = ".training";

/// What a run that was ended has left; nobody else is at work.
fn remove_left(folder: &Path) -> Result<()> {
    for entry in fs_err::read_dir(folder)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(SCRATCH) {
            fs_err::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Made, or known not to work.
fn is_complete(path: &Path) -> bool {
    is_whole(path) || refusal(path).is_file()
}

/// A JVM passes over an archive of another JVM, but crashes with one that ends early. The digest is written last.
fn is_whole(path: &Path) -> bool {
    let recorded = fs_err::read_to_string(digest_file(path));
    recorded.is_ok_and(|recorded| digest(path).is_ok_and(|found| found == recorded))
}

fn digest_file(path: &Path) -> PathBuf {
    path.join("sha256")
}

fn digest(path: &Path) -> Result<String> {
    hashed::<Sha256>("sha256", &classes(path))
}

/// What the launcher makes of an archive's folder: the archive, and the argument file of its JVM.
pub(super) fn classes(path: &Path) -> PathBuf {
    path.join("classes.jsa")
}

pub(super) fn arguments(path: &Path) -> PathBuf {
    path.join("java-arguments")
}

fn refusal(path: &Path) -> PathBuf {
    path.join("refused")
}

/// The folder of a server's archive, named by all that it depends on; none for a JVM that has no archives.
fn path(folder: &Path, planned: &Planned) -> Option<PathBuf> {
    let runtime = &planned.runtime;
    if !kafnix_launch::has_class_data(runtime.java.major) {
        return None;
    }
    let jars = runtime.folder.join(runtime.release.jars());
    let mut jars: Vec<_> = fs_err::read_dir(jars).ok()?.flatten().collect();
    jars.sort_by_key(fs_err::DirEntry::file_name);
    let mut key = Sha256::new();
    for part in [&runtime.folder, &runtime.java.program] {
        key.update(part.as_os_str().as_encoded_bytes());
        key.update([0]);
    }
    key.update(&runtime.java.version);
    for jar in jars {
        let metadata = jar.metadata().ok()?;
        let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        key.update(jar.file_name().as_encoded_bytes());
        key.update(metadata.len().to_le_bytes());
        key.update(changed.as_nanos().to_le_bytes());
    }
    let key = BASE64_URL_SAFE_NO_PAD.encode(key.finalize());
    let name = format!("{}-java{}-{key:.16}", runtime.release, runtime.java.version);
    Some(folder.join(name))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use kafnix_generator::spec::Version;

    use super::super::server::{Plan, Server};
    use super::*;
    use crate::java::Java;

    /// Keeps what is said, and lets the launcher go on once it waits for it.
    struct Kept<'a> {
        said: Mutex<Vec<String>>,
        go: &'a Path,
    }

    impl Progress for Kept<'_> {
        fn note(&self, text: &str) {
            self.said.lock().unwrap().push(text.to_owned());
        }
        fn bytes(&self, _: &str, _: u64, _: Option<u64>) {}
        fn server(&self, name: &str, status: &str, good: bool) {
            fs_err::write(self.go, "").unwrap();
            let line = format!("{name}: {status} {good}");
            let mut said = self.said.lock().unwrap();
            if said.last() != Some(&line) {
                said.push(line);
            }
        }
    }

    /// A server whose release has one jar, and no more than this.
    fn planned(folder: &Path) -> Planned {
        let release = Release { product: Role::ZooKeeper.product(), version: Version([3, 9, 5]) };
        fs_err::create_dir_all(folder.join(release.jars())).unwrap();
        fs_err::write(folder.join(release.jars()).join("zookeeper.jar"), "").unwrap();
        let java = Java { program: "/java".into(), version: "17.0.1".into(), major: 17 };
        let plan = Plan { arguments: vec![], java: vec![], settings: String::new(), archive: None };
        let server = Server::at(folder, "kafka01", Role::ZooKeeper);
        let runtime = Runtime { java, release, folder: folder.to_owned() };
        Planned { server, plan, runtime, directories: vec![] }
    }

    /// What is said where the launcher ends with this line of a shell, which has the folder of the archive, and whether
    /// the server gets one; each time anew.
    fn given(end: &str) -> [(Vec<String>, bool); 2] {
        let folder = tempfile::tempdir().unwrap();
        let (go, script) = (folder.path().join("go"), folder.path().join("launcher"));
        let wait = format!("until [ -e '{}' ]; do sleep 0.01; done", go.display());
        let archive = "while [ \"$1\" != class-data ]; do shift; done; archive=$2";
        fs_err::write(&script, format!("{archive}\n{wait}\n{end}\n")).unwrap();
        // A script that was just written cannot always be run; a shell reads it.
        let launcher = ["/bin/sh".to_owned(), script.to_str().unwrap().to_owned()];
        let cache = folder.path().join("cache");
        let archives = Archives { cache: &cache, launcher: &launcher };
        let mut planned = [planned(&folder.path().join("zookeeper-3.9.5"))];
        [(); 2].map(|()| {
            let kept = Kept { said: Mutex::default(), go: &go };
            planned[0].plan.archive = None;
            archives.give(&mut planned, &[0], &kept);
            (kept.said.into_inner().unwrap(), planned[0].plan.archive.is_some())
        })
    }

    #[test]
    fn an_archive_is_made_once_and_its_making_is_told() {
        let [(said, first), again] = given("mkdir -p \"$archive\"; echo classes >\"$archive/classes.jsa\"");
        let [note, begun, ended] = said.as_slice() else { panic!("{said:?}") };
        let making =
            "making a class-data archive, with which servers start sooner, once for zookeeper-3.9.5 and Java";
        assert_eq!(*note, format!("{making} 17.0.1 (1 of 1)"));
        let name = "archive of zookeeper-3.9.5";
        assert_eq!(
            *begun,
            format!("{name}: servers start for a moment, to see which classes they load false")
        );
        assert!(ended.starts_with(&format!("{name}: ended after ")) && ended.ends_with(" s true"), "{ended}");
        assert!(first);
        assert_eq!(again, (vec![], true));
    }

    #[test]
    fn an_archive_that_cannot_be_made_is_told_once_with_the_reason() {
        let [(said, first), again] = given("echo 'no room'; exit 1");
        assert_eq!(said.last().unwrap(), "servers start without class-data archives: no room");
        assert!(!first);
        assert_eq!(again, (vec![], false));
    }
}
