//! Files of the hosts that servers read as they start, such as secrets: on this machine they may not be.

use std::collections::BTreeSet;
use std::path::Path;

use kafnix_generator::Cluster;
use kafnix_generator::hosts::Lines;
use kafnix_generator::references::{Reference, references};
use kafnix_generator::role::Role;

/// What a server's settings name and this machine does not have; each once.
pub(super) fn of(settings: &Lines<'_>) -> BTreeSet<String> {
    let value = |key: &str| settings.get(key).and_then(|value| value.plain());
    let mut absent = BTreeSet::new();
    for (key, setting) in settings {
        let Some(text) = setting.plain() else { continue };
        for reference in references(&text) {
            let class = value(&format!("config.providers.{}.class", reference.provider));
            absent.extend(class.and_then(|class| unprovided(key, &reference, class.trim())));
        }
        if LOCATIONS.iter().any(|end| key.ends_with(end)) && fs_err::File::open(text.trim()).is_err() {
            absent.insert(told(key, &format!("the file `{}`", text.trim())));
        }
        if key.starts_with("config.providers.") && key.ends_with(".param.allowed.paths") {
            let gone = text.split(',').filter(|path| !Path::new(path).exists());
            absent.extend(gone.map(|path| told(key, &format!("the path `{path}`"))));
        }
    }
    absent
}

/// Jars that the spec names and that are none.
pub(super) fn jars(cluster: &Cluster, role: Role) -> impl Iterator<Item = String> {
    let fault = |jar: &String| match fs_err::metadata(jar) {
        Ok(file) if file.is_dir() => Some("is a folder"),
        Ok(file) if file.len() == 0 => Some("is empty"),
        _ => fs_err::File::open(jar).err().map(|_| "is not there, or cannot be read"),
    };
    let faults = cluster.extra_jars(role).iter().filter_map(move |jar| Some((jar, fault(jar)?)));
    faults.map(move |(jar, fault)| {
        format!("`{}.extraJars` names `{jar}`, which {fault}: put the jar there", role.key())
    })
}

/// Keys of ZooKeeper that name a file.
const LOCATIONS: [&str; 2] = ["Store.location", "Store.passwordPath"];

fn told(key: &str, what: &str) -> String {
    format!(
        "`{key}` needs {what}, which this machine does not have: make it here, as it is on the hosts, or try a \
         copy of the spec without it"
    )
}

/// What a provider of Kafka's own will not find.
fn unprovided(key: &str, reference: &Reference<'_>, class: &str) -> Option<String> {
    let Reference { path, key: name, .. } = *reference;
    match class.rsplit('.').next()? {
        "DirectoryConfigProvider" => {
            let file = Path::new(path).join(name);
            fs_err::File::open(&file).is_err().then(|| told(key, &format!("the file `{}`", file.display())))
        }
        "FileConfigProvider" => match fs_err::read_to_string(path) {
            Ok(text) if has_key(&text, name) => None,
            Ok(_) => Some(told(key, &format!("a line `{name}=…` in `{path}`"))),
            Err(_) => Some(told(key, &format!("the file `{path}`"))),
        },
        // What others look at is theirs to tell.
        _ => None,
    }
}

/// Whether a properties file has the key. One with escapes is given the benefit of the doubt.
fn has_key(text: &str, key: &str) -> bool {
    text.contains('\\')
        || text.lines().any(|line| {
            let rest = line.trim_start().strip_prefix(key);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['=', ':', ' ', '\t']))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafnix_generator::spec::Setting;

    fn absent(settings: &[(&str, &str)]) -> Vec<String> {
        let settings: Vec<_> = settings.iter().map(|(key, value)| (*key, Setting::from(*value))).collect();
        of(&settings.iter().map(|(key, value)| (*key, value)).collect()).into_iter().collect()
    }

    #[test]
    fn what_is_not_here_is_named_with_the_setting_that_needs_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kafka.properties");
        fs_err::write(&file, "# threads\n threads = 5\n").unwrap();
        let path = folder.path().display();
        let settings = |value: &str| {
            absent(&[
                ("config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider"),
                (
                    "config.providers.dir.class",
                    "org.apache.kafka.common.config.provider.DirectoryConfigProvider",
                ),
                ("config.providers.vault.class", "com.example.Vault"),
                ("num.io.threads", value),
            ])
        };
        for (value, wanted) in [
            (format!("${{file:{path}/kafka.properties:threads}}"), None),
            (format!("${{dir:{path}:kafka.properties}}"), None),
            ("${vault:/not/there:x}".to_owned(), None),
            (format!("${{file:{path}/kafka.properties:thread}}"), Some("a line `thread=…`")),
            ("${file:/not/there:x}".to_owned(), Some("the file `/not/there`")),
            (format!("${{dir:{path}:gone}}"), Some("/gone`")),
        ] {
            let found = settings(&value);
            assert_eq!(found.len(), usize::from(wanted.is_some()), "{value}: {found:?}");
            assert!(
                wanted.is_none_or(|wanted| found[0].contains(wanted) && found[0].contains("num.io.threads"))
            );
        }
    }

    #[test]
    fn stores_and_limits_are_paths_too() {
        let here = file!();
        let here = if Path::new(here).exists() { here.to_owned() } else { format!("../{here}") };
        assert_eq!(absent(&[("ssl.quorum.keyStore.location", &here)]), [] as [&str; 0]);
        assert_eq!(absent(&[("ssl.quorum.keyStore.location", "/not/there")]).len(), 1);
        assert_eq!(absent(&[("ssl.keyStore.passwordPath", "/not/there")]).len(), 1);
        assert_eq!(absent(&[("config.providers.file.param.allowed.paths", "/,/not/there")]).len(), 1);
    }
}
