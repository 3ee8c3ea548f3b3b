//! The pinned releases on this machine: where they are found, or fetched and checked. In this order:
//! the folder that the user names, what an earlier run kept, the Nix store, the release archives. No
//! release is used that the pins do not know, unless the user names the folder.

mod download;
mod nix;
mod unpack;

pub(crate) use download::hashed;

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use kafnix_generator::Cluster;
use kafnix_generator::cluster::Service;
use kafnix_generator::pins::{Product, pins};
use kafnix_generator::spec::Version;

use crate::exclusive::Exclusive;
use kafnix_operate::progress::Progress;

/// One release of one product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    pub product: Product,
    pub version: Version,
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.product.key(), self.version)
    }
}

impl Release {
    /// The folder of its jars, in the release itself.
    pub fn jars(self) -> &'static str {
        match self.product {
            Product::ZooKeeper => "lib",
            Product::Kafka => "libs",
        }
    }

    fn is_in(self, folder: &Path) -> bool {
        let Ok(entries) = folder.join(self.jars()).read_dir() else { return false };
        entries.flatten().any(|entry| entry.path().extension().is_some_and(|end| end == "jar"))
    }
}

/// Every release that runs on a host of a cluster, once.
pub fn of(cluster: &Cluster) -> Vec<Release> {
    let release =
        |service: &Service| Release { product: service.role.product(), version: service.release.value };
    let mut releases: Vec<_> = cluster.services().map(|(_, service)| release(service)).collect();
    releases.sort_unstable();
    releases.dedup();
    releases
}

/// Where releases may come from.
#[derive(Debug)]
pub struct Sources<'a> {
    /// Holds every release, as `kafka-3.9.2/libs`; nothing else is asked where it is given.
    pub products: Option<&'a Path>,
    /// The folder of the spec: the flake there, or above it, may have the packages.
    pub flake: Option<&'a Path>,
    /// The user's cache folder of kafnix.
    pub cache: &'a Path,
    /// In place of those of the pins.
    pub mirrors: Option<&'a [String]>,
}

impl Sources<'_> {
    /// The folders of releases, in the order of `releases`.
    pub fn find(&self, releases: &[Release], progress: &dyn Progress) -> Result<Vec<PathBuf>> {
        if let Some(products) = self.products {
            return releases.iter().map(|release| given(*release, products)).collect();
        }
        let mut flake = self.flake.and_then(nix::Flake::above);
        releases.iter().map(|release| self.get(*release, &mut flake, progress)).collect()
    }

    fn get(
        &self,
        release: Release,
        flake: &mut Option<nix::Flake>,
        progress: &dyn Progress,
    ) -> Result<PathBuf> {
        let kept = self.cache.join("products").join(release.to_string());
        if release.is_in(&kept) {
            return Ok(kept);
        }
        fs_err::create_dir_all(self.cache.join("products"))?;
        let lock = self.cache.join("products").join(format!("{release}.lock"));
        let lock = Exclusive::take(&lock, &format!("is getting {release}"), progress)?;
        if !release.is_in(&kept) {
            self.fill(release, &kept, flake, progress)?;
        }
        drop(lock);
        Ok(kept)
    }

    /// Makes `kept`, while nobody else does.
    fn fill(
        &self,
        release: Release,
        kept: &Path,
        flake: &mut Option<nix::Flake>,
        progress: &dyn Progress,
    ) -> Result<()> {
        if let Some(from) = flake {
            progress.note(&format!("asking nix for {release}, which it may have to build"));
            match from.build(release, kept) {
                Ok(()) if release.is_in(kept) => return Ok(()),
                Ok(()) => bail!(
                    "nix built `{}` for {release}, which has no jars in `{}`",
                    kept.display(),
                    release.jars()
                ),
                Err(reason) => {
                    progress.note(&format!("nix has no {release} ({reason}): trying the release archives"));
                    // What keeps nix from one release keeps it from the others, a timeout each.
                    *flake = None;
                }
            }
        }
        let Some(pin) = pins().get(release.product, release.version) else {
            bail!("kafnix has no pin for {release}: name a folder that holds it with `--products`");
        };
        let mirrors = self.mirrors.unwrap_or(&pins().mirrors);
        let archive = kept.with_file_name(format!("{release}.tar.gz.part"));
        download::archive(&release.to_string(), pin, mirrors, &archive, progress)?;
        unpack::unpack(&archive, kept).with_context(|| format!("cannot unpack {release}"))?;
        fs_err::remove_file(&archive)?;
        if !release.is_in(kept) {
            bail!("the archive of {release} has no jars in `{}`: please report it", release.jars());
        }
        Ok(())
    }
}

fn given(release: Release, products: &Path) -> Result<PathBuf> {
    let folder = products.join(release.to_string());
    if !release.is_in(&folder) {
        bail!(
            "there is no {release} in `{}`: its jars are expected in `{}`, where \
             `tests/products {0} {release}` of kafnix's repository puts them",
            products.display(),
            folder.join(release.jars()).display(),
        );
    }
    // The servers start in a folder of their own.
    Ok(std::path::absolute(folder)?)
}

#[cfg(test)]
mod tests;
