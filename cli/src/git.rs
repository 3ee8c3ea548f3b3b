//! Files of an earlier revision, read with the program `git`.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::console::one_line;

/// A commit, in the repository that a folder lies in.
pub(crate) struct Revision {
    /// As it was asked for.
    pub(crate) name: String,
    /// Its id.
    pub(crate) commit: String,
}

impl Revision {
    pub(crate) fn find(name: &str, folder: &Path) -> Result<Self> {
        let said = git(folder, ["rev-parse", "--is-shallow-repository"])?;
        let shown = folder.display();
        let why = said.why();
        ensure!(
            said.good || why.starts_with("not a git repository"),
            "git does not read the repository of `{shown}`: {why}; `git -C {shown} status` says what to do"
        );
        ensure!(
            said.good,
            "there is no git repository to compare with: {why} (`{shown}`); put the spec under git and commit it"
        );
        let is_shallow = said.out.starts_with(b"true");
        let commit = format!("{name}^{{commit}}");
        let said = git(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", commit.as_str()])?;
        if !said.good && name == "HEAD" {
            bail!(
                "the git repository of `{shown}` has no commit to compare with yet: commit the spec and `hosts/`"
            );
        }
        ensure!(
            said.good || !is_shallow,
            "the git repository of `{shown}` is a shallow clone without the revision `{}`: get its whole history with \
             `git fetch --unshallow --tags`, or name a commit that it has",
            one_line(name)
        );
        ensure!(
            said.good,
            "the git repository of `{shown}` has no revision `{}`: name a commit, a tag or a branch",
            one_line(name)
        );
        Ok(Self { name: name.to_owned(), commit: String::from_utf8_lossy(&said.out).trim().to_owned() })
    }

    /// How a file of it is called.
    pub(crate) fn path(&self, file: &Path) -> PathBuf {
        PathBuf::from(format!("{}:{}", one_line(&self.name), file.display()))
    }

    /// A file as it was; nothing where there was none.
    pub(crate) fn read(&self, file: &Path) -> Result<Option<Vec<u8>>> {
        let (folder, name) = in_a_folder(file)?;
        let said = git(
            &folder,
            ["ls-tree".as_ref(), "-z".as_ref(), self.commit.as_ref(), "--".as_ref(), name.as_os_str()],
        )?;
        let path = self.path(file);
        let path = path.display();
        ensure!(said.good, "cannot read `{path}`: {}", said.why());
        let entry = String::from_utf8_lossy(&said.out);
        let mut words = entry.split_whitespace();
        let (Some(mode), Some(_), Some(id)) = (words.next(), words.next(), words.next()) else {
            return Ok(None);
        };
        ensure!(mode.starts_with("100"), "`{path}` is no regular file: name the file itself");
        let said = git(&folder, ["cat-file", "blob", id])?;
        ensure!(said.good, "cannot read `{path}`: {}", said.why());
        Ok(Some(said.out))
    }
}

/// A folder that is there, and the path of the file from there: what it lay in may be gone.
fn in_a_folder(file: &Path) -> Result<(PathBuf, PathBuf)> {
    let file = std::path::absolute(file)?;
    let folder = file.ancestors().skip(1).find(|folder| folder.is_dir());
    let folder = folder.with_context(|| format!("`{}` is in no folder", file.display()))?;
    Ok((folder.to_owned(), file.strip_prefix(folder)?.to_owned()))
}

struct Said {
    good: bool,
    out: Vec<u8>,
    error: String,
}

impl Said {
    /// The first line of its complaint.
    fn why(&self) -> String {
        let line = self.error.lines().next().unwrap_or("git does not say why");
        one_line(line.trim_start_matches("fatal: ")).into_owned()
    }
}

fn git<S: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = S>) -> Result<Said> {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(arguments);
    // what it complains of is looked at, and told among English sentences
    let ran = git.env("LC_ALL", "C").stdin(Stdio::null()).output();
    let output = match ran {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("there is no program `git` on PATH, and it is what reads an earlier spec: install it")
        }
        ran => ran.context("cannot run `git`")?,
    };
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(Said { good: output.status.success(), out: output.stdout, error })
}
