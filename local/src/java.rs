//! The Java runtime on this machine: `JAVA_HOME_<major>`, `JAVA_HOME`, then `java` on PATH, whichever
//! has the major version that a host pins. It installs nothing.

use std::ffi::OsString;
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use kafnix_generator::spec::Jdk;

use kafnix_operate::progress::Progress;

/// A program `java` and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Java {
    pub program: PathBuf,
    /// As in `17.0.15` or `1.8.0_402`.
    pub version: String,
    pub major: u16,
}

/// The runtime of a major version, by the variables of an environment. What is passed over is told.
pub fn find(
    wanted: Jdk,
    variable: &dyn Fn(&str) -> Option<OsString>,
    progress: &dyn Progress,
) -> Result<Java> {
    let mut others = Vec::new();
    for (name, program) in candidates(wanted, variable) {
        match ask(&program) {
            Ok(java) if java.major == wanted.0 => {
                if !others.is_empty() {
                    let (others, program) = (others.join(", "), java.program.display());
                    progress.note(&format!("{others}: taking {name} (`{program}`) for Java {wanted}"));
                }
                return Ok(java);
            }
            Ok(java) => others.push(format!("{name} is Java {} (`{}`)", java.version, program.display())),
            Err(error) => others.push(format!("{name} does not work: {error:#}")),
        }
    }
    let found = if others.is_empty() { "there is none on PATH".to_owned() } else { others.join(", ") };
    bail!(
        "the spec runs on Java {wanted}, but {found}: set JAVA_HOME (or JAVA_HOME_{wanted}, which other \
         programs do not read) to the folder of a JRE {wanted}"
    )
}

/// Programs to try, each with where it was found.
fn candidates(wanted: Jdk, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<(String, PathBuf)> {
    let homes = [format!("JAVA_HOME_{wanted}"), "JAVA_HOME".to_owned()];
    let homes = homes.into_iter().filter_map(|name| {
        let home = variable(&name).filter(|home| !home.is_empty())?;
        Some((name, Path::new(&home).join("bin/java")))
    });
    let path = variable("PATH").unwrap_or_default();
    let mut on_path = std::env::split_paths(&path).map(|folder| folder.join("java"));
    let on_path = on_path.find(|program| program.is_file());
    homes.chain(on_path.map(|program| ("`java` on PATH".to_owned(), program))).collect()
}

fn ask(program: &Path) -> Result<Java> {
    let program = std::path::absolute(program)?;
    let version = match written(&program) {
        Some(version) => version,
        None => said(&program)?,
    };
    let major = major(&version).with_context(|| format!("`{version}` is not a version of Java"))?;
    Ok(Java { program, version, major })
}

/// What stands in the file `release` beside most runtimes: reading it costs no start of a JVM.
fn written(program: &Path) -> Option<String> {
    let program = program.canonicalize().ok().filter(|program| program.ends_with("bin/java"))?;
    let text = fs_err::read_to_string(program.parent()?.parent()?.join("release")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
    Some(line.trim_matches('"').to_owned())
}

/// A JVM that takes longer to say its version hangs.
const LIMIT: Duration = Duration::from_secs(20);

fn said(program: &Path) -> Result<String> {
    // A file has an end where a pipe has none: a script may leave a child that keeps its end open.
    let mut output = tempfile::tempfile()?;
    let mut java = Command::new(program)
        .args(["-XshowSettings:properties", "-version"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(output.try_clone()?)
        .spawn()
        .with_context(|| format!("cannot run `{}`", program.display()))?;
    let begin = Instant::now();
    while java.try_wait()?.is_none() {
        if begin.elapsed() > LIMIT {
            java.kill()?;
            java.wait()?;
            bail!("`{}` says nothing for {} s", program.display(), LIMIT.as_secs());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut text = Vec::new();
    output.rewind()?;
    output.read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let version = text.lines().find_map(|line| line.trim().strip_prefix("java.version = "));
    let version = version.map(str::to_owned);
    version.with_context(|| format!("`{}` does not tell its version", program.display()))
}

/// 17 of `17.0.15`, 8 of `1.8.0_402`, 23 of `23-ea`.
fn major(version: &str) -> Option<u16> {
    let mut numbers = version.split(|character: char| !character.is_ascii_digit());
    match numbers.next()?.parse().ok()? {
        1 => numbers.next()?.parse().ok(),
        major => Some(major),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use kafnix_operate::progress::{Noted, Silent};

    /// A program that says it is a Java of this version, as `release` does beside it or as it does itself.
    fn java(home: &Path, version: &str, with_release: bool) {
        fs_err::create_dir_all(home.join("bin")).unwrap();
        let script = format!("#!/bin/sh\necho '    java.version = {version}' >&2\n");
        let program = home.join("bin/java");
        fs_err::write(&program, if with_release { "" } else { &script }).unwrap();
        fs_err::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        if with_release {
            fs_err::write(home.join("release"), format!("JAVA_VERSION=\"{version}\"\n")).unwrap();
        }
    }

    fn found_by(jdk: u16, variables: &[(&str, PathBuf)], progress: &dyn Progress) -> Result<Java> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name)?;
            Some(found.1.clone().into_os_string())
        };
        find(Jdk(jdk), &variable, progress)
    }

    #[test]
    fn a_script_that_leaves_a_child_behind_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("java");
        // The child has the script's standard error for as long as the test reads.
        let script = "#!/bin/sh\necho '    java.version = 17.0.1' >&2\nread -r line < stop &\n";
        fs_err::write(&program, script.replace("stop", &folder.path().join("stop").to_string_lossy()))
            .unwrap();
        fs_err::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            folder.path().join("stop"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        assert_eq!(said(&program).unwrap(), "17.0.1");
        // Now it may end: it reads what is written, or the end of it.
        fs_err::write(folder.path().join("stop"), "\n").unwrap();
    }

    #[test]
    fn a_version_has_its_major_first_or_behind_a_one() {
        assert_eq!(
            ["17.0.15", "1.8.0_402", "23-ea", "11"].map(major),
            [Some(17), Some(8), Some(23), Some(11)]
        );
        assert_eq!(["", "x", "1"].map(major), [None, None, None]);
    }

    #[test]
    fn the_home_of_the_major_comes_before_the_home_and_that_before_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let home = |name: &str| folder.path().join(name);
        java(&home("a"), "17.0.1", true);
        java(&home("b"), "17.0.2", false);
        java(&home("c"), "17.0.3", true);
        java(&home("d"), "1.8.0_402", false);
        let found = |jdk: u16, variables: &[(&str, PathBuf)]| found_by(jdk, variables, &Silent);
        let path = ("PATH", home("c").join("bin"));
        let all = [("JAVA_HOME_17", home("a")), ("JAVA_HOME", home("b")), path.clone()];
        assert_eq!(found(17, &all).unwrap().version, "17.0.1");
        assert_eq!(found(17, &all[1..]).unwrap().version, "17.0.2");
        assert_eq!(found(17, &[("JAVA_HOME", home("d")), path.clone()]).unwrap().version, "17.0.3");
        assert_eq!(found(8, &[("JAVA_HOME", home("d")), path.clone()]).unwrap().major, 8);
        let error = found(11, &[("JAVA_HOME", home("d")), path]).unwrap_err().to_string();
        assert!(
            error.contains("Java 11") && error.contains("1.8.0_402") && error.contains("17.0.3"),
            "{error}"
        );
        assert!(found(17, &[]).unwrap_err().to_string().contains("none on PATH"));

        let noted = Noted::default();
        found_by(17, &all, &noted).unwrap();
        assert!(noted.told().is_empty(), "nothing was passed over");
        found_by(17, &[("JAVA_HOME", home("d")), all[2].clone()], &noted).unwrap();
        let passed_over = noted.told().concat();
        for words in ["JAVA_HOME is Java 1.8.0_402", "taking `java` on PATH", "for Java 17"] {
            assert!(passed_over.contains(words), "{passed_over}");
        }
    }
}
