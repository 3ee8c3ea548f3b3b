//! Which units a switch stops or restarts: unit files of two systems compared as NixOS's switch-to-configuration
//! compares them. Where it is in doubt, they restart.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use kafnix_generator::unit_keys::PASSED_OVER;

/// Where a system has its unit files.
const UNITS: &str = "etc/systemd/system";
const FSTAB: &str = "etc/fstab";

/// A change of no other lines than these asks for a reload.
const RELOADED: [(&str, &str); 2] = [("Unit", "X-Reload-Triggers"), ("Service", "ExecReload")];

/// The lines of a unit file and its drop-ins: section and key, with the values in their order.
type Lines = BTreeMap<(String, String), Vec<String>>;

/// Whether a unit that is up stops, for good or for a moment, when the running system becomes the new one. Both are the
/// folders that have an `etc`.
pub(super) fn stops(unit: &str, running: &Path, new: &Path) -> bool {
    let (Some(old), Some(new_lines)) = (read(running, unit), read(new, unit)) else {
        // It is gone or masked, or was never there as a file.
        return true;
    };
    changes(&old, &new_lines) || !moved_mounts(&old, running, new).is_empty()
}

fn changes(old: &Lines, new: &Lines) -> bool {
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let is_passed_over = |key: &(String, String)| {
        let key = (key.0.as_str(), key.1.as_str());
        key.0 == "Unit" && PASSED_OVER.contains(key.1) || RELOADED.contains(&key)
    };
    if keys.into_iter().all(|key| is_passed_over(key) || old.get(key) == new.get(key)) {
        return false;
    }
    let says = |section: &str, key: &str, default: bool| {
        let values = new.get(&(section.to_owned(), key.to_owned()));
        let last = values.and_then(|values| values.last());
        last.map_or(default, |last| matches!(last.as_str(), "1" | "yes" | "true" | "on"))
    };
    says("Service", "X-RestartIfChanged", true)
        && !says("Service", "X-ReloadIfChanged", false)
        && !says("Unit", "RefuseManualStop", false)
}

fn read(system: &Path, unit: &str) -> Option<Lines> {
    let folder = system.join(UNITS);
    let file = folder.join(unit);
    if fs::canonicalize(&file).ok()? == Path::new("/dev/null") {
        return None;
    }
    let mut lines = Lines::new();
    add(&mut lines, &fs::read_to_string(&file).ok()?);
    for part in drop_ins(&folder.join(format!("{unit}.d"))) {
        add(&mut lines, &fs::read_to_string(part).ok()?);
    }
    Some(lines)
}

fn drop_ins(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut parts: Vec<_> = entries.filter(|path| path.extension().is_some_and(|is| is == "conf")).collect();
    parts.sort();
    parts
}

fn add(lines: &mut Lines, text: &str) {
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
        } else if let Some((key, value)) = line.split_once('=') {
            if section == "Install" || line.starts_with(['#', ';']) {
                continue;
            }
            let values = lines.entry((section.to_owned(), key.trim().to_owned())).or_default();
            match value.trim() {
                "" => values.clear(),
                value => values.push(value.to_owned()),
            }
        }
    }
    lines.retain(|_, values| !values.is_empty());
}

/// The mounts of a unit's directories that another system has otherwise: their units restart, and take it along.
fn moved_mounts(unit: &Lines, running: &Path, new: &Path) -> Vec<String> {
    let (old, new) = (mounts(&running.join(FSTAB)), mounts(&new.join(FSTAB)));
    let paths = unit.get(&("Unit".to_owned(), "RequiresMountsFor".to_owned())).into_iter().flatten();
    let paths: Vec<_> = paths.flat_map(|value| value.split_whitespace()).map(Path::new).collect();
    let is_needed = |point: &str| point != "/" && paths.iter().any(|path| path.starts_with(point));
    let moved = old.into_iter().filter(|(point, what)| is_needed(point) && new.get(point) != Some(what));
    moved.map(|(point, _)| point).collect()
}

/// Mount points with device and type; another option is taken over while it is mounted.
fn mounts(fstab: &Path) -> BTreeMap<String, (String, String)> {
    let text = fs::read_to_string(fstab).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let mount = |line: &str| {
        let mut fields = line.split_whitespace().map(str::to_owned);
        let (device, point, kind) = (fields.next()?, fields.next()?, fields.next()?);
        Some((point, (device, kind)))
    };
    lines.filter_map(mount).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: &str = "[Unit]\nDescription=a\nRequiresMountsFor=/data/kafka/logs\n[Service]\nExecStart=/a\n\
                        Environment=A=1\nEnvironment=B=2\n[Install]\nWantedBy=multi-user.target\n";

    struct System(tempfile::TempDir);

    impl System {
        fn of(unit: Option<&str>, drop_in: Option<&str>, fstab: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let units = folder.path().join(UNITS);
            fs::create_dir_all(units.join("kafka.service.d")).unwrap();
            for (name, text) in [("kafka.service", unit), ("kafka.service.d/o.conf", drop_in)] {
                text.map_or(Ok(()), |text| fs::write(units.join(name), text)).unwrap();
            }
            fs::write(folder.path().join(FSTAB), fstab).unwrap();
            Self(folder)
        }
    }

    fn stops(old: &System, new: &System) -> bool {
        super::stops("kafka.service", old.0.path(), new.0.path())
    }

    #[test]
    fn a_unit_stops_for_what_switch_to_configuration_restarts_it_for() {
        let system = |unit: &str| System::of(Some(unit), None, "");
        let old = system(UNIT);
        for (from, to, expected) in [
            ("", "", false),
            ("Description=a", "Description=b", false),
            ("multi-user.target", "other.target", false),
            ("ExecStart=/a", "ExecStart=/a\nExecReload=/r", false),
            ("[Service]", "X-Reload-Triggers=/x\n[Service]", false),
            ("ExecStart=/a", "ExecStart=/b", true),
            ("Environment=B=2\n", "", true),
            ("ExecStart=/a", "ExecStart=/b\nX-RestartIfChanged=false", false),
            ("[Service]\n", "[Service]\nX-ReloadIfChanged=true\nNice=5\n", false),
            ("[Service]", "RefuseManualStop=yes\nWants=x\n[Service]", false),
        ] {
            assert_eq!(stops(&old, &system(&UNIT.replacen(from, to, 1))), expected, "{from} → {to}");
        }
    }

    #[test]
    fn a_unit_that_goes_and_a_drop_in_that_comes_stop_it() {
        let old = System::of(Some(UNIT), None, "");
        assert!(stops(&old, &System::of(None, None, "")));
        assert!(stops(&old, &System::of(Some(UNIT), Some("[Service]\nNice=5\n"), "")));
        assert!(!stops(&old, &System::of(Some(UNIT), Some("[Unit]\nDescription=c\n"), "")));
        let masked = System::of(None, None, "");
        std::os::unix::fs::symlink("/dev/null", masked.0.path().join(UNITS).join("kafka.service")).unwrap();
        assert!(stops(&old, &masked));
    }

    #[test]
    fn a_mount_that_moves_takes_the_unit_along() {
        let system = |fstab: &str| System::of(Some(UNIT), None, fstab);
        let old = system("# a comment\n/dev/a /data/kafka xfs noatime 0 0\n/dev/b /other xfs x 0 0\n");
        assert!(!stops(&old, &system("/dev/a /data/kafka xfs nofail 0 0\n")));
        assert!(stops(&old, &system("/dev/c /data/kafka xfs noatime 0 0\n")));
        assert!(stops(&old, &system("")));
    }
}
