// SPDX-License-Identifier: Apache-2.0
//! The beginning of a blob that is being fetched, on disk, so that nothing is fetched twice.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// Transfers go on at a multiple of this, the unit in which blobs are hashed on disk.
const GROUP_BYTES: u64 = 16 * 1024;

/// What is collected before it is written.
const BUFFER_BYTES: usize = 1 << 20;

/// A file that grows at its end.
#[derive(Debug)]
pub(super) struct Partial {
    path: PathBuf,
    file: BufWriter<File>,
    length: u64,
}

impl Partial {
    /// The file of a blob of some length, with what is in it from earlier.
    pub(super) fn open(folder: &Path, hash: &[u8; 32], length: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(hex::encode(hash));
        let file = OpenOptions::new().append(true).create(true).open(&path)?;
        let kept = file.metadata()?.len();
        // The process may have been stopped in the middle of a write; and too much is as good as nothing.
        let kept = if kept > length { 0 } else { kept };
        let whole = kept - kept % GROUP_BYTES;
        file.set_len(whole)?;
        Ok(Self {
            path,
            file: BufWriter::with_capacity(BUFFER_BYTES, file),
            length: whole,
        })
    }

    /// How much is there.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Adds bytes at the end.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length = self.length.saturating_add(bytes.len() as u64);
        Ok(())
    }

    /// Forgets what is there.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().set_len(0)?;
        self.length = 0;
        Ok(())
    }

    /// The file, with all bytes in it.
    pub(super) fn file(&mut self) -> io::Result<&Path> {
        self.file.flush()?;
        Ok(&self.path)
    }

    /// Removes the file.
    pub(super) fn remove(self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: [u8; 32] = [7; 32];

    #[test]
    fn open_goes_on_at_a_whole_group_when_writing_was_cut_off() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut partial = Partial::open(folder.path(), &HASH, 100_000).expect("opens");
        partial.append(&[1; 40_000]).expect("written");
        drop(partial);
        let mut partial = Partial::open(folder.path(), &HASH, 100_000).expect("opens");
        assert_eq!(partial.length(), 32_768);
        partial.append(&[2; 5]).expect("written");
        let bytes = fs::read(partial.file().expect("flushed")).expect("a file");
        assert_eq!(bytes, [vec![1; 32_768], vec![2; 5]].concat());
    }

    #[test]
    fn open_starts_again_when_the_file_is_longer_than_the_blob() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(hex::encode(HASH)), [1; 50_000]).expect("written");
        let partial = Partial::open(folder.path(), &HASH, 49_999).expect("opens");
        assert_eq!(partial.length(), 0);
    }

    #[test]
    fn clear_forgets_what_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut partial = Partial::open(folder.path(), &HASH, 100).expect("opens");
        partial.append(&[1; 60]).expect("written");
        partial.clear().expect("cleared");
        partial.append(&[2; 3]).expect("written");
        let bytes = fs::read(partial.file().expect("flushed")).expect("a file");
        assert_eq!(bytes, [2; 3]);
    }
}
