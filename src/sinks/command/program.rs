//! Where the program is.

use std::fmt;
use std::path;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context as _;
use anyhow::anyhow;
use anyhow::ensure;
use rustix::fs::Access;
use rustix::fs::access;

/// A program, looked for anew each time: it may be put there, or replaced, while we run.
#[derive(Debug)]
pub(super) struct Program {
    /// As the configuration names it.
    name: PathBuf,
    /// Where it may be, in the order in which to look.
    places: Vec<PathBuf>,
}

impl Program {
    /// A program that is named by its path, or alone and then looked for in the folders of
    /// `search_path`.
    pub(super) fn new(name: &Path, search_path: &str) -> anyhow::Result<Self> {
        ensure!(
            !name.as_os_str().is_empty(),
            "`program` is empty: name what to run"
        );
        let alone = name.components().count() == 1 && name.file_name().is_some();
        let places = if alone && !name.is_absolute() {
            search_path
                .split(':')
                .filter(|folder| folder.starts_with('/'))
                .map(|folder| Path::new(folder).join(name))
                .collect()
        } else {
            // Against our own folder, as everywhere in the configuration, and not the program's.
            let path = path::absolute(name);
            vec![path.context("our own working directory cannot be told")?]
        };
        Ok(Self {
            name: name.to_owned(),
            places,
        })
    }

    /// The path to run.
    pub(super) fn find(&self) -> anyhow::Result<&Path> {
        let there = self.places.iter().find(|path| may_be_run(path));
        if let Some(path) = there {
            return Ok(path);
        }
        let is_file = self.places.iter().find(|path| path.is_file());
        Err(match (is_file, self.places.as_slice()) {
            (Some(path), _) => anyhow!("{} may not be run by us: see its mode", path.display()),
            (None, [path]) => anyhow!("there is no program {}", path.display()),
            (None, _) => anyhow!("there is no program {self} in the folders of PATH"),
        })
    }
}

fn may_be_run(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(name: &Path) -> String {
        let program = Program::new(name, "/usr/bin:/bin").unwrap();
        program.find().unwrap_err().to_string()
    }

    #[test]
    fn a_name_alone_is_looked_for_and_a_path_is_taken() {
        for name in ["sh", "/bin/sh", "/bin/../bin/sh"] {
            let program = Program::new(Path::new(name), "relative:/nowhere:/bin").unwrap();
            assert!(program.find().unwrap().ends_with("bin/sh"), "{program:?}");
        }
    }

    #[test]
    fn what_is_missing_or_may_not_be_run_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let plain = folder.path().join("notes.txt");
        std::fs::write(&plain, "not a program").unwrap();

        assert!(error(&plain).ends_with("notes.txt may not be run by us: see its mode"));
        let lost = error(&folder.path().join("lost"));
        assert!(lost.starts_with("there is no program /"), "{lost}");
        assert_eq!(
            error(Path::new("no-such-program")),
            "there is no program no-such-program in the folders of PATH"
        );
        assert!(Program::new(Path::new(""), "/bin").is_err());
    }
}
