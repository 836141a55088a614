// SPDX-License-Identifier: Apache-2.0
//! Never two different answers to one duty.
//!
//! Each answer is written to a file of its own before it leaves the machine, outside the chain's database,
//! so that purging the chain, a restart or a second run cannot make the worker contradict itself. Two
//! commitments or attestations that differ are an offence; repeating one is not.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What the rule says of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was said for the duty: say it, and remember.
    New,
    /// The same was said before: it may be repeated.
    Repeat,
    /// Something else was said before.
    Contradiction,
}

/// The rule: what may be said, given what was said for the same duty before.
pub fn may_sign(said: Option<&[u8]>, answer: &[u8]) -> Verdict {
    match said {
        None => Verdict::New,
        Some(said) if said == answer => Verdict::Repeat,
        Some(_) => Verdict::Contradiction,
    }
}

/// Why an answer must not leave.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// Another answer left before.
    #[error("another answer was given to the duty {duty} before")]
    Contradiction {
        /// Which.
        duty: String,
    },
    /// The record cannot be kept.
    #[error("the record of what was signed cannot be kept in {path}: {error}")]
    Record {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// The record of what was said.
#[derive(Clone, Debug)]
pub struct SigningGuard {
    folder: PathBuf,
}

impl SigningGuard {
    /// In a folder, which is made if it is not there.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.into(),
        })
    }

    /// Admits an answer to a duty and has it in writing before it returns. A duty's name is a file's name.
    pub fn admit(&self, duty: &str, answer: &[u8]) -> Result<(), GuardError> {
        let path = self.folder.join(duty);
        let record = |error| GuardError::Record {
            path: path.clone(),
            error,
        };
        let said = match fs::read(&path) {
            Ok(said) => Some(said),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(record(error)),
        };
        match may_sign(said.as_deref(), answer) {
            Verdict::Repeat => Ok(()),
            Verdict::Contradiction => Err(GuardError::Contradiction { duty: duty.into() }),
            Verdict::New => write_durably(&path, answer).map_err(record),
        }
    }
}

/// Writes a file such that after a crash it is there in full or not at all.
pub fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = fs::File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    match path.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn may_sign_never_allows_two_answers_on_the_whole_small_domain() {
        let answers: Vec<Vec<u8>> = (0..3)
            .flat_map(|a| (0..3).map(move |b| vec![a, b]))
            .collect();
        for first in &answers {
            assert_eq!(may_sign(None, first), Verdict::New);
            for second in &answers {
                let expected = if first == second {
                    Verdict::Repeat
                } else {
                    Verdict::Contradiction
                };
                assert_eq!(may_sign(Some(first), second), expected);
            }
        }
    }

    #[test]
    fn admit_refuses_a_second_answer_after_a_restart() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || SigningGuard::open(folder.path()).expect("opens");
        open().admit("commit-1", b"root").expect("the first");
        open().admit("commit-1", b"root").expect("the same");
        open().admit("commit-2", b"other").expect("another duty");
        assert!(matches!(
            open().admit("commit-1", b"other"),
            Err(GuardError::Contradiction { .. })
        ));
    }

    #[test]
    fn admit_ignores_what_a_crash_left_half_written() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("commit-1.new"), b"ro").expect("written");
        let guard = SigningGuard::open(folder.path()).expect("opens");
        guard.admit("commit-1", b"root").expect("nothing was said");
    }
}
